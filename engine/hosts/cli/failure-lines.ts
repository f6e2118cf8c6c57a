import { formatCount } from '../text/figures.ts';
import { reasonOf } from '../text/reasons.ts';
import { safeForTerminal, shortenMiddle, widthOf } from '../text/width.ts';
import type { Output } from './output.ts';

export type Reasoned = { readonly path: string; readonly reason: string };
export type Failure = { readonly path: string; readonly code: string };

/** Paths of one reason that are shown; --json has more. */
const pathsPerReason = 10;

/** Paths under what became of them, grouped by why: many files of one reason are one problem. */
export function linesByReason(
  title: string,
  items: readonly Reasoned[],
  screen: { isTerminal: boolean; columns: number },
): string[] {
  const lines: string[] = [];
  for (const [reason, group] of Map.groupBy(items, (item) => item.reason)) {
    // A path is never cut so short that it says nothing; the line may wrap then.
    const room = Math.max(30, screen.columns - widthOf(`  ${title}     ${reason}`));
    for (const { path } of group.slice(0, pathsPerReason)) {
      const shown = screen.isTerminal ? shortenMiddle(safeForTerminal(path), room) : path;
      lines.push(`  ${title}  ${shown}   ${reason}`);
    }
    const more = group.length - pathsPerReason;
    if (more > 0) lines.push(`  ${title}  ${formatCount(more)} more   ${reason}`);
  }
  return lines;
}

/** The same for what failed, with what to do about each; for standard error. */
export function failureLines(output: Output, failures: readonly Failure[], total: number): string[] {
  const items = failures.map(({ path, code }) => {
    const { words, remedy } = reasonOf(code);
    return { path, reason: `${words} → ${remedy}` };
  });
  const lines = linesByReason('failed', items, { isTerminal: output.isErrorTerminal, columns: output.columns });
  const unnamed = total - failures.length;
  if (unnamed > 0) lines.push(`  failed  ${formatCount(unnamed)} more`);
  return lines.map((line) => line.replace(/^ {2}failed/, `  ${output.errorStyle.attention('failed')}`));
}
