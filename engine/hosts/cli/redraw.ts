import { cutPainted } from '../text/width.ts';
import type { OutputStream } from './host.ts';

/** Lines on a terminal that are drawn again in place. */
export type Redraw = { draw(lines: readonly string[]): void };

type Drawn = { readonly lines: readonly string[]; readonly columns: number; readonly rows: number };

const up = (rows: number): string => (rows === 0 ? '' : `\x1b[${rows}A`);
/** Back to the corner of a terminal that is cleared. */
const afresh = '\x1b[H\x1b[2J';

export function createRedraw(screen: OutputStream): Redraw {
  let before: Drawn | null = null;
  return {
    draw: (lines) => {
      const { columns, rows } = screen;
      // What is higher than the terminal would scroll away, and moving up would not reach it. One column stays free: some
      // terminals begin a new line when the last one is filled.
      const shown = lines.slice(0, Math.max(1, rows - 1)).map((line) => cutPainted(line, columns - 1));
      // A terminal of another size has broken the lines anew, so that nobody knows where they are.
      const isResized = before !== null && (before.columns !== columns || before.rows !== rows);
      if (!isResized && before !== null && shown.join('\n') === before.lines.join('\n')) return;
      const start = isResized ? afresh : `${up(before?.lines.length ?? 0)}\r`;
      const text = shown.map((line) => `${line}\x1b[K\n`).join('');
      // Where it was made narrower just now, a line is cut instead of taking two rows, which would be counted wrongly.
      void screen.write(`${start}\x1b[?7l${text}\x1b[J\x1b[?7h`).catch(() => {});
      before = { lines: shown, columns, rows };
    },
  };
}
