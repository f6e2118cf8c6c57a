import { type ChunkId, limits } from '../../base/index.ts';
import type { FileStat } from '../../filesystem/index.ts';
import { idAt } from '../../repository/index.ts';
import { isRacy } from './entries.ts';
import type { SegmentOutput } from './file-jobs.ts';
import { countIds, sameContent } from './listing.ts';

/** A big file of which a run has read a part, from its start, when the time was over. */
export type BegunFile = {
  /** The try that is under way. */
  readonly attempt: number;
  /** Read up to here by the last try, whatever the file does meanwhile. */
  readonly size: number;
  /** As the first segment saw it. */
  readonly first: FileStat;
  readonly segments: readonly SegmentOutput[];
  /** It had changed so shortly before it was begun that a later change may hide behind the same times. */
  readonly isRacy: boolean;
};

/** By path; of one vault. Kept by whoever runs again and again; may be lost, then files are read from their start. */
export type BegunFiles = Map<string, BegunFile>;

/** Where reading a big file begins. */
export type ReadFrom = Omit<BegunFile, 'first'> & { readonly first: FileStat | null };

export const isPatient = (attempt: number): boolean => attempt < limits.changedFileTries;

export const fromStart = (attempt: number, size: number): ReadFrom => ({
  ...{ attempt, size, first: null, segments: [], isRacy: false },
});

/**
 * Goes on where an earlier run has stopped if it is the same file, with the same content, and what was stored of it is still
 * counted on. A file that has changed is another try, as it is within a run: so one that changes all the time comes to its
 * last try, and to an end, too.
 */
export function goOnFrom(begun: BegunFile | null, stat: FileStat, isCountedOn: (id: ChunkId) => boolean): ReadFrom {
  if (begun === null) return fromStart(1, stat.size);
  const { attempt, first, segments } = begun;
  if (first.inode !== stat.inode || first.device !== stat.device) return fromStart(1, stat.size);
  if (isPatient(attempt) && !sameContent(first, stat)) return fromStart(attempt + 1, stat.size);
  const isStored = segments.every(({ ids }) => {
    for (let chunk = 0; chunk < countIds(ids); chunk++) if (!isCountedOn(idAt(ids, chunk))) return false;
    return true;
  });
  return isStored && segments.length > 0 ? begun : fromStart(attempt, stat.size);
}

/**
 * What a run keeps of a file that it has begun. Where the clock of the file system is coarse, a change between two runs could
 * hide behind equal times: then the same try begins anew, and what the last one reads never counts as held still.
 */
export function keepBegun(begun: BegunFile, racyFromMs: number): BegunFile {
  const racy = begun.isRacy || isRacy(begun.first, racyFromMs);
  if (!racy || !isPatient(begun.attempt)) return { ...begun, isRacy: racy };
  return { ...begun, size: begun.first.size, segments: [], isRacy: false };
}
