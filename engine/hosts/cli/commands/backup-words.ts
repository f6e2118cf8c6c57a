import type { BackupResult } from '../../engine.ts';
import { countOf, formatBytes, formatCount, formatSeconds } from '../../text/figures.ts';
import { shortName } from '../../text/names.ts';
import { leftOutBecause } from '../../text/reasons.ts';
import { failureLines } from '../failure-lines.ts';
import type { Output } from '../output.ts';

/** What is true now, after a backup. */
export function showBackup(output: Output, result: BackupResult): void {
  const { style } = output;
  const { files, bytes, seconds, failed, notices } = result;
  const figures = `${countOf(files, 'file')}, ${formatBytes(bytes)}, in ${formatSeconds(seconds)}`;
  output.say(
    failed === 0
      ? `${style.safe('Protected.')} ${figures}`
      : `${style.attention(`Protected, except ${countOf(failed, 'that could not be read', 'that could not be read')}.`)} ${figures}`,
  );
  output.say(`  ${newLine(result)}`);
  const left = leftOutLine(result.excluded);
  if (left !== null) output.say(`  ${left}`);
  const lines = failureLines(output, result.failures, failed);
  // With --quiet too: a file that is not protected is never passed over.
  if (!output.json) output.errorLines(lines);
  for (const notice of notices) output.note(notice);
  output.say(`  snapshot ${shortName(result.snapshot)}`);
}

function newLine({ changedFiles, newBytes, storedBytes, failed }: BackupResult): string {
  const parts = [
    changedFiles === 0 && newBytes === 0
      ? 'nothing new'
      : `new ${countOf(changedFiles, 'file')}, ${formatBytes(newBytes)}`,
    `stored ${formatBytes(storedBytes)}`,
    failed === 0 ? '' : `failed ${formatCount(failed)}`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function leftOutLine(excluded: BackupResult['excluded']): string | null {
  const reasons = Object.entries(excluded).filter(([, count]) => count > 0);
  if (reasons.length === 0) return null;
  const sum = reasons.reduce((total, [, count]) => total + count, 0);
  const words = reasons
    .sort(([, left], [, right]) => right - left)
    .map(([reason, count]) =>
      reasons.length === 1 ? leftOutBecause(reason) : `${formatCount(count)} ${leftOutBecause(reason)}`,
    );
  return `left out ${formatCount(sum)}: ${words.join(', ')}`;
}
