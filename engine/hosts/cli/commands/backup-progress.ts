import { basename } from 'node:path';
import type { BackupProgress } from '../../engine.ts';
import { countOf, formatBytes, formatShare, formatTimeLeft } from '../../text/figures.ts';
import { safeForTerminal, shortenMiddle } from '../../text/width.ts';

/** `  Documents   scanning 31,204 files · 412 MB/s · 1.2 of 3.8 GB · 3–5 s left` */
export function backupProgress(paths: readonly string[]): (progress: BackupProgress) => string {
  const [first = ''] = paths;
  const name = paths.length === 1 ? basename(first) || first : countOf(paths.length, 'source');
  const title = shortenMiddle(safeForTerminal(name), 24);
  return (progress) => {
    const { scanning, foundFiles, foundBytes, doneBytes, readBytes, seconds } = progress;
    if (progress.sending) {
      const { waitingBytes, storedBytes } = progress;
      return `  ${title}   ${countOf(foundFiles, 'file')} · sending · ${formatShare(storedBytes, storedBytes + waitingBytes)}`;
    }
    const parts = [
      `${scanning ? 'scanning ' : ''}${countOf(foundFiles, 'file')}`,
      seconds >= 1 && readBytes > 0 ? `reading ${formatBytes(readBytes / seconds)}/s` : '',
      foundBytes > 0 ? formatShare(doneBytes, foundBytes) : '',
      // While it scans nobody knows how much there is.
      scanning ? '' : (formatTimeLeft(doneBytes, foundBytes, seconds) ?? ''),
    ];
    return `  ${title}   ${parts.filter((part) => part !== '').join(' · ')}`;
  };
}
