import { formatCount } from '../text/figures.ts';
import { reasonOf } from '../text/reasons.ts';
import { shortenMiddle, widthOf } from '../text/width.ts';
import type { Output } from './output.ts';

export type Failure = { readonly path: string; readonly code: string };

/** Lines of one reason that are shown; --json has more. */
const linesPerReason = 10;

/** Every reason with its remedy, and the files it concerns: many files of one reason are one problem. */
export function failureLines(output: Output, failures: readonly Failure[], total: number, title: string): string[] {
  const groups = Map.groupBy(failures, ({ code }) => code);
  const lines: string[] = [];
  for (const [code, group] of groups) {
    const { words, remedy } = reasonOf(code);
    const room = output.columns - widthOf(`  ${title}     ${words} → ${remedy}`);
    for (const { path } of group.slice(0, linesPerReason)) {
      lines.push(`  ${output.errorStyle.attention(title)}  ${shown(output, path, room)}   ${words} → ${remedy}`);
    }
    const more = group.length - linesPerReason;
    if (more > 0) lines.push(`  ${output.errorStyle.attention(title)}  ${formatCount(more)} more   ${words}`);
  }
  const unnamed = total - failures.length;
  if (unnamed > 0) lines.push(`  ${output.errorStyle.attention(title)}  ${formatCount(unnamed)} more`);
  return lines;
}

/** A path is never cut so short that it says nothing; the line may wrap then. */
function shown(output: Output, path: string, room: number): string {
  const safe = output.errorPath(path);
  return output.isErrorTerminal ? shortenMiddle(safe, Math.max(30, room)) : safe;
}
