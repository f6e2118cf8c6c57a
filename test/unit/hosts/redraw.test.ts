import { describe, expect, test } from 'vitest';
import { createOutput } from '../../../engine/hosts/cli/output.ts';
import { createRedraw } from '../../../engine/hosts/cli/redraw.ts';
import { colours } from '../../../engine/hosts/text/style.ts';
import { cutPainted } from '../../../engine/hosts/text/width.ts';
import { handClock, recordStream } from './support.ts';

/** A terminal whose window somebody pulls at. */
function windowOf(columns: number, rows: number) {
  const size = { columns, rows };
  const stream = recordStream({ isTerminal: true });
  const screen = Object.defineProperties(stream, {
    columns: { get: () => size.columns },
    rows: { get: () => size.rows },
  });
  return { size, screen, text: () => stream.text() };
}

describe('lines that are drawn in place', () => {
  test('are drawn again only when they changed', () => {
    const { screen, text } = windowOf(80, 24);
    const redraw = createRedraw(screen);
    redraw.draw(['one', 'two']);
    const first = text();
    redraw.draw(['one', 'two']);
    expect(text()).toBe(first);
    redraw.draw(['one', 'three']);
    expect(text().slice(first.length)).toBe('\x1b[2A\r\x1b[?7lone\x1b[K\nthree\x1b[K\n\x1b[J\x1b[?7h');
  });

  test('begin on a cleared terminal when that has another size, since it has broken them anew', () => {
    const { size, screen, text } = windowOf(80, 24);
    const redraw = createRedraw(screen);
    redraw.draw(['one', 'two']);
    for (const change of [{ columns: 40 }, { rows: 12 }]) {
      const before = text().length;
      Object.assign(size, change);
      redraw.draw(['one', 'two']);
      expect(text().slice(before)).toBe('\x1b[H\x1b[2J\x1b[?7lone\x1b[K\ntwo\x1b[K\n\x1b[J\x1b[?7h');
    }
  });

  test('leave one column free, and end in … where they are cut', () => {
    const { screen, text } = windowOf(10, 24);
    createRedraw(screen).draw(['123456789', '1234567890']);
    expect(text()).toContain('l123456789\x1b[K\n12345678…\x1b[K\n');
  });
});

test('what is laid out follows the width of the window', () => {
  const { size, screen } = windowOf(80, 24);
  const host = { out: screen, err: screen, clock: handClock(), environment: {} };
  const output = createOutput(host, { json: false, quiet: false, colour: false });
  size.columns = 40;
  expect(output.columns).toBe(40);
});

test('text with colours is cut by what is seen of it, and no colour runs on behind it', () => {
  const painted = `${colours.risk('At risk:')} ${colours.strong('all')} of it`;
  expect(cutPainted(painted, 18)).toBe(painted);
  expect(cutPainted(painted, 12)).toBe('\x1b[31mAt risk:\x1b[39m \x1b[1mal…\x1b[22m');
  expect(cutPainted(painted, 5)).toBe('\x1b[31mAt r…\x1b[39m\x1b[1m\x1b[22m');
  expect(cutPainted('日本語', 5)).toBe('日本…');
});
