import type { Coverage } from '../contract/index.ts';
import type { BackupResult } from '../snapshot/index.ts';

/** What a run saw, and what became of it. */
export function coverageOf({ files, folders, others, bytes, failed, excluded }: BackupResult): Coverage {
  const saved = files + folders + others;
  const { deferred = 0, ...reasons } = excluded;
  const leftOut = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  return { seen: saved + leftOut + failed + deferred, saved, leftOut, failed, deferred, files, bytes };
}
