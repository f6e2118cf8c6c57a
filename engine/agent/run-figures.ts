import type { Coverage } from '../contract/index.ts';
import type { BackupResult } from '../snapshot/index.ts';

/** What a run saw, and what became of it. */
export function coverageOf({ files, folders, others, bytes, failed, excluded }: BackupResult): Coverage {
  const saved = files + folders + others;
  const leftOut = Object.values(excluded).reduce((sum, count) => sum + count, 0);
  return { seen: saved + leftOut + failed, saved, leftOut, failed, files, bytes };
}
