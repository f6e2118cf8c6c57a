import { type Deferred, type DeferredFile, lateFileBytes } from '../snapshot/index.ts';

/** What bounded runs over one place have left for the next: not there yet, and not to be forgotten. */
export type Deferral = Pick<Deferred, 'files' | 'bytes' | 'listed'> & {
  /** When the oldest of these changes was noticed. Monotonic. */
  readonly oldestMs: number;
  /** The same of those that are listed. */
  readonly since: ReadonlyMap<string, number>;
  /** Runs that followed each other and got no further with what comes last. */
  readonly stuckRuns: number;
  /** A person asked for it in spite of what forbids it. */
  readonly anyway: boolean;
  /** When the last of these runs that looked everywhere began (wall clock): with what is left it will have dealt with its slot. */
  readonly wholeMs: number | null;
};

export type RunLeft = {
  readonly deferred: Deferred;
  /** When the oldest change that it took was noticed; where none was, when it began. */
  readonly oldestMs: number;
  readonly anyway: boolean;
  readonly wholeMs: number | null;
};

/** After a run that was confirmed; null when it has left nothing. */
export function deferralAfter(
  before: Deferral | null,
  { deferred, oldestMs, anyway, wholeMs }: RunLeft,
): Deferral | null {
  const { files, bytes, listed, isStuck } = deferred;
  if (files === 0) return null;
  const since = new Map(listed.map(({ path }) => [path, before?.since.get(path) ?? oldestMs]));
  // Of those that are not listed nobody knows which they are.
  const unlistedMs =
    files > listed.length ? Math.min(oldestMs, before?.oldestMs ?? oldestMs) : Number.POSITIVE_INFINITY;
  return {
    ...{ files, bytes, listed, since, anyway, wholeMs },
    oldestMs: Math.min(unlistedMs, ...since.values()),
    stuckRuns: isStuck || isStarved(before, since) ? (before?.stuckRuns ?? 0) + 1 : 0,
  };
}

/** Whether of the small files that were next none had its turn: what changes all the time before them has taken all of it. */
function isStarved(before: Deferral | null, now: ReadonlyMap<string, number>): boolean {
  const next = (before?.listed ?? []).filter(({ bytes }) => bytes <= lateFileBytes);
  return next.length > 0 && next.every(({ path }) => now.has(path));
}

export function turnOf(deferral: Deferral | null, path: string): DeferredFile | null {
  return deferral?.listed.find((file) => file.path === path) ?? null;
}
