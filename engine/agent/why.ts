import { CofferError, isCofferError, msOfTime } from '../base/index.ts';
import type { FileFailure, Place, Source, Why } from '../contract/index.ts';
import { type FileStat, locateFolders } from '../filesystem/index.ts';
import { loadIndex, type StoredSnapshot, type VaultIndex } from '../repository/index.ts';
import { type EntryInfo, entryAt } from '../snapshot/index.ts';
import { demandPlace, demandSource } from './answers.ts';
import { type Deferral, turnOf } from './deferral.ts';
import { statOf } from './glimpse.ts';
import type { Keyring } from './keyring.ts';
import { openPlace } from './open-place.ts';
import { isAtOrBelow } from './paths.ts';
import type { AgentPorts } from './ports.ts';
import { createReach } from './reach.ts';

type Answer = Why['places'][number];
type Verdict = Pick<Answer, 'verdict' | 'detail' | 'turn' | 'kept'>;
type Kept = { readonly snapshot: StoredSnapshot; readonly entry: EntryInfo };

/** What is known without opening any vault. */
type Known = {
  readonly path: string;
  readonly source: Source | null;
  /** Why nobody looks at it. */
  readonly untouched: string | null;
  readonly now: FileStat | null;
  /** Why runs do not reach it. */
  readonly leftOut: string | null;
  readonly failures: readonly FileFailure[];
  /** What a place does not have for want of time. */
  readonly deferralOf: (place: number) => Deferral | null;
};

/** So many snapshots are searched, from the newest, for the last version of a file that runs do not reach any more. */
const searchedMost = 500;

export type WhyOptions = {
  readonly path: string;
  readonly sources: readonly Source[];
  readonly places: readonly Place[];
  readonly failures: readonly FileFailure[];
  readonly deferralOf: (place: number) => Deferral | null;
  readonly keyring: Keyring;
};

/** "Why is this file (not) protected?": what rules say, what is on the disk now, and what each place really has. */
export async function explain(ports: AgentPorts, options: WhyOptions): Promise<Why> {
  const { path, places, sources, keyring } = options;
  const source = sources.find((candidate) => isAtOrBelow(path, candidate.path));
  if (source !== undefined) await demandSource(ports, source.path);
  const known = look(ports, options);
  const answers: Answer[] = [];
  for (const place of places) {
    answers.push({ place: place.id, url: place.url, ...(await answerOf(ports, place, keyring, known)) });
  }
  if (
    known.now === null &&
    known.untouched === null &&
    answers.every(({ verdict, kept }) => verdict !== 'unknown' && kept === null)
  )
    throw new CofferError('path.nowhere', { path });
  return { path, places: answers };
}

function look({ fileSystem, clock, home }: AgentPorts, { path, sources, failures, deferralOf }: WhyOptions): Known {
  const source = sources.find((candidate) => isAtOrBelow(path, candidate.path)) ?? null;
  const protectedFolders = locateFolders(fileSystem, [home]);
  const reach =
    source && createReach(fileSystem, source, { protectedFolders, nowSeconds: Math.floor(clock.now() / 1000) });
  const untouched = reach?.untouched(path) ?? null;
  return {
    path,
    source,
    untouched,
    now: untouched === null ? statOf(fileSystem, path) : null,
    leftOut: reach?.leftOut(path) ?? null,
    failures: failures.filter((failure) => failure.path === path),
    deferralOf,
  };
}

async function answerOf(ports: AgentPorts, place: Place, keyring: Keyring, known: Known): Promise<Verdict> {
  try {
    await demandPlace(ports, place.url);
    return judge(known, place, await newestKept(ports, place, keyring, known.path));
  } catch (error) {
    if (!isCofferError(error)) throw error;
    return { verdict: 'unknown', detail: error.code, turn: null, kept: null };
  }
}

function judge(known: Known, place: Place, kept: Kept | null): Verdict {
  const version = kept && {
    snapshot: kept.snapshot.id,
    mtimeMs: msOfTime(kept.entry.mtime),
    size: kept.entry.size,
  };
  const answer = (verdict: Answer['verdict'], detail: string | null = null): Verdict => {
    return { verdict, detail, turn: null, kept: version };
  };
  const failure = known.failures.find((candidate) => candidate.place === place.id);
  if (known.untouched !== null) return answer('leftOut', known.untouched);
  if (known.now === null) return answer('gone');
  if (known.source === null) return answer('notASource');
  if (known.leftOut !== null) return answer('leftOut', known.leftOut);
  if (failure !== undefined) return answer('failed', failure.code);
  if (kept !== null && isSame(known.now, kept.entry)) return answer('protected');
  const deferral = known.deferralOf(place.id);
  const deferred = turnOf(deferral, known.path);
  const turn = deferral === null || deferred === null ? null : { at: deferred.turn, of: deferral.files };
  return { ...answer(kept === null ? 'waiting' : 'changed'), turn };
}

/** A folder is protected when it is there: what is in it has answers of its own. */
function isSame(now: FileStat, { kind, size, mtime, state }: EntryInfo): boolean {
  if (now.kind !== kind || state !== null) return false;
  if (kind === 'folder') return true;
  const sameTime = now.mtimeSeconds === mtime.seconds && now.mtimeNanoseconds === mtime.nanoseconds;
  return sameTime && (kind !== 'file' || now.size === size);
}

/** The newest version at a place. Null when there is none. */
async function newestKept(ports: AgentPorts, place: Place, keyring: Keyring, path: string): Promise<Kept | null> {
  const vault = await openPlace(ports, { place, keyring, mode: 'read' });
  try {
    const index = await loadIndex(vault, { without: new Set(), salvage: true });
    for (const snapshot of vault.snapshots.slice(-searchedMost).reverse()) {
      const entry = await entryIfReadable(index, snapshot, path);
      // An entry of what could not be read holds nothing that could be restored.
      if (entry !== null && entry.state?.startsWith('unreadable:') !== true) return { snapshot, entry };
    }
    return null;
  } finally {
    await vault.close();
  }
}

/** A damaged folder in one snapshot does not hide what the others have. */
async function entryIfReadable(index: VaultIndex, snapshot: StoredSnapshot, path: string): Promise<EntryInfo | null> {
  try {
    return await entryAt(index, snapshot, path);
  } catch (error) {
    if (!isCofferError(error)) throw error;
    return null;
  }
}
