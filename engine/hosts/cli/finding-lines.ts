import type { CheckResult, Finding } from '../engine.ts';
import { countOf, formatCount } from '../text/figures.ts';
import { shortName } from '../text/names.ts';
import type { Output } from './output.ts';

/** "2 findings, 14 versions of files affected". */
export function damageWords({ findings, affectedFiles }: Pick<CheckResult, 'findings' | 'affectedFiles'>): string {
  const damage = findings.filter(({ kind }) => kind !== 'unused');
  const hidden = findings.some(({ kind }) => kind === 'log');
  const files =
    affectedFiles === 0
      ? hidden
        ? 'no file of a snapshot that is shown is affected'
        : 'no file is affected'
      : `${countOf(affectedFiles, 'version', 'versions')} of files affected`;
  return `${countOf(damage.length, 'finding')}, ${files}`;
}

const filesPerFinding = 10;

export function findingLines(output: Output, { kind, key, detail, files, fileCount }: Finding): string[] {
  const lines = [`  ${kind.padEnd(7)}  ${output.path(key)}   ${output.path(detail)}`];
  for (const { path, snapshot } of files.slice(0, filesPerFinding)) {
    lines.push(`           ${output.path(path)}   in snapshot ${shortName(snapshot)}`);
  }
  const more = fileCount - Math.min(files.length, filesPerFinding);
  return more > 0 ? [...lines, `           ${formatCount(more)} more; all of them are in --json`] : lines;
}
