import { CofferError, isCofferError, msOfTime } from '../base/index.ts';
import type { FileFailure, Place, Source, Why } from '../contract/index.ts';
import { type FileStat, locateFolders } from '../filesystem/index.ts';
import { loadIndex, type StoredSnapshot, type VaultIndex } from '../repository/index.ts';
import { type EntryInfo, entryAt } from '../snapshot/index.ts';
import { statOf } from './glimpse.ts';
import type { Keyring } from './keyring.ts';
import { openPlace } from './open-place.ts';
import { isAtOrBelow } from './paths.ts';
import type { AgentPorts } from './ports.ts';
import { createReach } from './reach.ts';

type Answer = Why['places'][number];
type Verdict = Pick<Answer, 'verdict' | 'detail' | 'kept'>;
type Kept = { readonly snapshot: StoredSnapshot; readonly entry: EntryInfo };

/** What is known without opening any vault. */
type Known = {
  readonly path: string;
  readonly source: Source | null;
  readonly now: FileStat | null;
  /** Why runs do not reach it. */
  readonly leftOut: string | null;
  readonly failures: readonly FileFailure[];
};

/** So many snapshots are searched, from the newest, for the last version of a file that runs do not reach any more. */
const searchedMost = 500;

export type WhyOptions = {
  readonly path: string;
  readonly sources: readonly Source[];
  readonly places: readonly Place[];
  readonly failures: readonly FileFailure[];
  readonly keyring: Keyring;
};

/** "Why is this file (not) protected?": what rules say, what is on the disk now, and what each place really has. */
export async function explain(ports: AgentPorts, options: WhyOptions): Promise<Why> {
  const { path, places, keyring } = options;
  const known = look(ports, options);
  const answers: Answer[] = [];
  for (const place of places) {
    answers.push({ place: place.id, url: place.url, ...(await answerOf(ports, place, keyring, known)) });
  }
  if (known.now === null && answers.every(({ verdict, kept }) => verdict !== 'unknown' && kept === null))
    throw new CofferError('path.nowhere', { path });
  return { path, places: answers };
}

function look({ fileSystem, clock, home }: AgentPorts, { path, sources, failures }: WhyOptions): Known {
  const source = sources.find((candidate) => isAtOrBelow(path, candidate.path)) ?? null;
  const protectedFolders = locateFolders(fileSystem, [home]);
  const reach =
    source && createReach(fileSystem, source, { protectedFolders, nowSeconds: Math.floor(clock.now() / 1000) });
  return {
    path,
    source,
    now: statOf(fileSystem, path),
    leftOut: reach?.leftOut(path) ?? null,
    failures: failures.filter((failure) => failure.path === path),
  };
}

async function answerOf(ports: AgentPorts, place: Place, keyring: Keyring, known: Known): Promise<Verdict> {
  try {
    return judge(known, place, await newestKept(ports, place, keyring, known.path));
  } catch (error) {
    if (!isCofferError(error)) throw error;
    return { verdict: 'unknown', detail: error.code, kept: null };
  }
}

function judge(known: Known, place: Place, kept: Kept | null): Verdict {
  const version = kept && {
    snapshot: kept.snapshot.id,
    mtimeMs: msOfTime(kept.entry.mtime),
    size: kept.entry.size,
  };
  const answer = (verdict: Answer['verdict'], detail: string | null = null) => ({ verdict, detail, kept: version });
  const failure = known.failures.find((candidate) => candidate.place === place.id);
  if (known.now === null) return answer('gone');
  if (known.source === null) return answer('notASource');
  if (known.leftOut !== null) return answer('leftOut', known.leftOut);
  if (failure !== undefined) return answer('failed', failure.code);
  if (kept === null) return answer('waiting');
  return answer(isSame(known.now, kept.entry) ? 'protected' : 'changed');
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
      if (entry !== null) return { snapshot, entry };
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
