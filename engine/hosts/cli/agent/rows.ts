import type { Standing } from '../../../contract/index.ts';
import { paintStanding, standingWords } from '../../text/agent-state.ts';
import { wrap } from '../../text/columns.ts';
import type { Style } from '../../text/style.ts';
import { shortenMiddle, widthOf } from '../../text/width.ts';

export type Screen = { readonly columns: number; readonly isTerminal: boolean; readonly style: Style };

/** A place or a source: its name, how it stands, why, and what to do. */
export type Row = {
  readonly name: string;
  readonly standing: Standing;
  readonly note: string;
  readonly remedy: string | null;
  /** More about it, in lines of their own. */
  readonly below?: readonly string[];
};

const labelWidth = 12;
const standingWidth = Math.max(...Object.values(standingWords).map((word) => word.length));
/** A name is never cut so short that it says nothing. */
const nameLeast = 20;

/**
 * Rows under one label at the left, or without one; a note that does not fit beside its name goes below it.
 * `widestElsewhere` is the width of names in neighbouring rows, so that columns stay columns.
 */
export function rowLines(label: string | null, rows: readonly Row[], screen: Screen, widestElsewhere = 0): string[] {
  const left = label === null ? 0 : labelWidth;
  const columns = screen.isTerminal ? screen.columns - 1 : Number.POSITIVE_INFINITY;
  const widest = Math.max(widestElsewhere, ...rows.map(({ name }) => widthOf(name)));
  const longest = Math.max(0, ...rows.map(({ note }) => widthOf(note)));
  const room = columns - left - standingWidth - 4;
  // Notes stay beside the names where cutting the names a little makes room for them.
  const isBeside = room - longest >= Math.min(widest, nameLeast);
  const nameWidth = Math.min(widest, isBeside ? room - longest : columns - left - standingWidth - 2);
  const indent = ' '.repeat(left + 2);
  return rows.flatMap(({ name, standing, note, remedy, below = [] }, at) => {
    const shown = screen.isTerminal ? shortenMiddle(name, nameWidth) : name;
    const beginning = (at === 0 && label !== null ? `  ${label}` : '').padEnd(left);
    const space = ' '.repeat(Math.max(0, nameWidth - widthOf(shown)));
    const word = standingWords[standing];
    const head = `${beginning}${shown}${space}  ${paintStanding(screen.style, standing)(word)}`;
    const gap = ' '.repeat(standingWidth - word.length + 2);
    return [
      isBeside && note !== '' ? `${head}${gap}${note}` : head,
      ...(isBeside || note === '' ? [] : wrap(note, columns, indent).split('\n')),
      ...(remedy === null ? [] : [`${indent}→ ${remedy}`]),
      ...below.map((line) => `${indent}${line}`),
    ];
  });
}
