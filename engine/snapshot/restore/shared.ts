import { CofferError } from '../../base/index.ts';
import type { FileSystem } from '../../filesystem/index.ts';
import type { Contents } from './contents.ts';
import { type Item, taskOf } from './items.ts';
import type { Maker } from './maker.ts';
import { failureCode } from './pack-job.ts';
import type { Resume } from './record.ts';

/**
 * A file whose chunks come from more than one job: its temporary file is made first, workers write into it at once, and
 * with the last chunk it is finished.
 */
export type Shared = {
  readonly item: Item;
  readonly ids: Uint8Array;
  /** The next chunk to hand out, and its offset. */
  next: number;
  offset: number;
  /** Its temporary file is there. */
  created: boolean;
  /** All chunks were handed out. */
  complete: boolean;
  /** It waits for nothing but its metadata and its name. */
  finishing: boolean;
  failed: string | null;
  /** Of chunks that are written. */
  doneBytes: number;
  /** What is handed out now belongs to it. */
  readonly stretch: number;
  /** One more job has chunks of this stretch, or one of its chunks is looked for elsewhere. */
  begin(stretch: number): void;
  end(stretch: number): void;
  /** A window ends here: what was handed out so far is one stretch. */
  cut(): void;
  readonly isIdle: boolean;
  /** Chunks from the first on that are all written. */
  readonly written: number;
};

export function createShared(item: Item, ids: Uint8Array): Shared {
  const stretches: { end: number; open: number }[] = [{ end: 0, open: 0 }];
  let begun = 0;
  return {
    item,
    ids,
    next: 0,
    offset: 0,
    created: false,
    complete: false,
    finishing: false,
    doneBytes: 0,
    failed: null,
    get stretch() {
      return stretches.length - 1;
    },
    begin(stretch) {
      begun++;
      const found = stretches[stretch];
      if (found !== undefined) found.open++;
    },
    end(stretch) {
      begun--;
      const found = stretches[stretch];
      if (found !== undefined) found.open--;
    },
    cut() {
      const last = stretches[stretches.length - 1];
      if (last !== undefined) last.end = this.next;
      stretches.push({ end: this.next, open: 0 });
    },
    get isIdle() {
      return begun === 0;
    },
    get written() {
      let chunks = 0;
      for (const { end, open } of stretches) {
        if (open > 0) break;
        chunks = end;
      }
      return chunks;
    },
  };
}

type Means = { readonly fileSystem: FileSystem; readonly maker: Maker; readonly contents: Contents };

export function partTask({ item }: Shared): { readonly folder: string; readonly number: number } {
  return { folder: item.place.path, number: item.number };
}

/** An interrupted run may have left the beginning of the file, durably. */
export function skipWritten(shared: Shared, resume: Resume, { fileSystem, maker, contents }: Means): void {
  const chunks = resume.chunksOf(shared.item.number);
  if (chunks === 0 || fileSystem.lstatIfThere(maker.partPath(partTask(shared)))?.kind !== 'file') return;
  while (shared.next < chunks) {
    const pack = contents.packOf(shared.ids, shared.next);
    // Without its length nobody knows where the next chunk belongs.
    shared.offset += pack < 0 ? raise('chunk.missing') : contents.lengthIn(pack, shared.ids, shared.next);
    shared.next++;
  }
  shared.created = true;
  shared.doneBytes = shared.offset;
  shared.cut();
}

export function createPart(shared: Shared, { fileSystem, maker }: Means): void {
  if (shared.created || shared.failed !== null) return;
  try {
    const task = { ...taskOf(shared.item, 'part'), firstChunk: 0, chunks: 0 };
    const fd = maker.createPart(task);
    shared.created = true;
    try {
      // Space that is reserved would fill the holes of a sparse file.
      if (task.extra?.holes === undefined) fileSystem.allocate(fd, task.size);
    } finally {
      fileSystem.close(fd);
    }
  } catch (error) {
    const code = failureCode(error);
    if (code === null) throw error;
    shared.failed = code;
  }
}

function raise(code: 'chunk.missing'): never {
  throw new CofferError(code, { path: 'this entry' });
}
