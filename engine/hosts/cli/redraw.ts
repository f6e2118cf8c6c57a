import type { OutputStream } from './host.ts';

/** Lines on a terminal that are drawn again in place. */
export type Redraw = { draw(lines: readonly string[]): void };

const up = (rows: number): string => (rows === 0 ? '' : `\x1b[${rows}A`);

export function createRedraw(screen: OutputStream): Redraw {
  let drawn: readonly string[] = [];
  return {
    draw: (lines) => {
      // What is higher than the terminal would scroll away, and moving up would not reach it.
      const shown = lines.slice(0, Math.max(1, screen.rows - 1));
      if (shown.join('\n') === drawn.join('\n')) return;
      // A line that is too long is cut by the terminal instead of taking two rows, which would be counted wrongly.
      const text = shown.map((line) => `${line}\x1b[K\n`).join('');
      void screen.write(`${up(drawn.length)}\r\x1b[?7l${text}\x1b[J\x1b[?7h`).catch(() => {});
      drawn = shown;
    },
  };
}
