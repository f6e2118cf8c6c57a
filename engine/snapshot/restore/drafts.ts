import { concatBytes } from '../../base/index.ts';
import type { Contents } from './contents.ts';
import { type Item, taskOf } from './items.ts';
import { JobDraft } from './job.ts';
import type { Shared } from './shared.ts';
import type { Ref, Work } from './work.ts';

/** Tasks of one job: enough to be worth a message, few enough that all workers end together. */
const tasksMost = 2048;
const chunksMost = 4096;
/** Key of tasks that need nothing from any pack. */
const noPack = -1;

type Piece = { readonly id: Uint8Array; readonly offset: number; readonly length: number };
type Pieces = { readonly shared: Shared; readonly stretch: number; readonly pieces: Piece[] };
type Open = {
  readonly draft: JobDraft;
  readonly refs: Ref[];
  readonly parts: Pieces[];
  /** To which the next piece of a file is added. */
  readonly latest: Map<Shared, Pieces>;
};

/** Collects tasks by the pack that they read, until the jobs go out. */
export type Drafts = {
  whole(item: Item, pack: number, ids: Uint8Array): void;
  /** Made without reading anything. */
  plain(item: Item, action: 'whole' | 'link'): void;
  /** A piece of the stretch that is handed out now, or of an earlier one whose first copy was damaged. */
  part(shared: Shared, pack: number, piece: Piece, stretch?: number): void;
  compare(item: Item, ids: Uint8Array, lengths: readonly number[]): void;
  /** The jobs so far, in the order of their packs. */
  take(): Work[];
  readonly isEmpty: boolean;
};

export function createDrafts(contents: Contents): Drafts {
  let open = new Map<number, Open>();
  let closed: Work[] = [];
  let comparing: Open = emptyOpen(null);

  const close = (name: Work['name'], { draft, refs, parts }: Open): void => {
    for (const { shared, stretch, pieces } of parts) {
      const offsets = pieces.map(({ offset }) => offset);
      draft.add(taskOf(shared.item, 'part'), concatBytes(pieces.map(({ id }) => id)), offsets);
      const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
      refs.push({ item: shared.item, shared, stretch, bytes });
    }
    if (draft.tasks > 0) closed.push({ name, job: draft.job(), refs });
  };
  const draftFor = (pack: number): Open => {
    let found = open.get(pack);
    if (found !== undefined && (found.draft.tasks >= tasksMost || found.draft.chunks >= chunksMost)) {
      close('restore', found);
      found = undefined;
    }
    if (found === undefined) {
      found = emptyOpen(pack === noPack ? null : packFor(contents, pack));
      open.set(pack, found);
    }
    return found;
  };
  return {
    get isEmpty() {
      return open.size === 0 && closed.length === 0 && comparing.draft.tasks === 0;
    },
    whole(item, pack, ids) {
      const { draft, refs } = draftFor(pack);
      draft.add(taskOf(item, 'whole'), ids, -1);
      refs.push({ item, shared: null, stretch: 0, bytes: 0 });
    },
    plain(item, action) {
      const { draft, refs } = draftFor(noPack);
      draft.add(taskOf(item, action), new Uint8Array(0), []);
      refs.push({ item, shared: null, stretch: 0, bytes: 0 });
    },
    part(shared, pack, piece, stretch = shared.stretch) {
      const { parts, latest } = draftFor(pack);
      let known = latest.get(shared);
      if (known?.stretch !== stretch) {
        known = { shared, stretch, pieces: [] };
        shared.begin(stretch);
        parts.push(known);
        latest.set(shared, known);
      }
      known.pieces.push(piece);
    },
    compare(item, ids, lengths) {
      comparing.draft.add(taskOf(item, item.action === 'adopt' ? 'adopt' : 'compare'), ids, lengths);
      comparing.refs.push({ item, shared: null, stretch: 0, bytes: 0 });
      if (comparing.draft.tasks < tasksMost && comparing.draft.chunks < chunksMost) return;
      close('compare', comparing);
      comparing = emptyOpen(null);
    },
    take() {
      close('compare', comparing);
      comparing = emptyOpen(null);
      for (const pack of [...open.keys()].sort((left, right) => left - right)) {
        const found = open.get(pack);
        if (found !== undefined) close('restore', found);
      }
      open = new Map();
      const jobs = closed;
      closed = [];
      return jobs;
    },
  };
}

/** The directory as bytes of its own: a view would be sent with the whole index that it is part of. */
function packFor(contents: Contents, number: number): JobDraft['pack'] {
  const { id, encoded } = contents.pack(number);
  return { id, directory: encoded.slice() };
}

function emptyOpen(pack: JobDraft['pack']): Open {
  return { draft: new JobDraft(pack), refs: [], parts: [], latest: new Map() };
}
