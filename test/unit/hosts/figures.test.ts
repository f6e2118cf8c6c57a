import { describe, expect, test } from 'vitest';
import { layColumns, wrap } from '../../../engine/hosts/text/columns.ts';
import {
  countOf,
  formatBytes,
  formatSeconds,
  formatShare,
  formatTimeLeft,
} from '../../../engine/hosts/text/figures.ts';
import { leftOutBecause, reasonOf } from '../../../engine/hosts/text/reasons.ts';
import { formatTime, isoTime } from '../../../engine/hosts/text/times.ts';
import { cutTo, safeForTerminal, shortenMiddle, widthOf } from '../../../engine/hosts/text/width.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1250, '1.3 kB'],
  [31_700_000, '31.7 MB'],
  [412_400_000, '412 MB'],
  [999_400_000, '999 MB'],
  [999_600_000, '1 GB'],
  [99_960_000, '100 MB'],
  [12_400_000_000, '12.4 GB'],
  [5e15, '5 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('a share says a common unit once', () => {
  expect(formatShare(1_200_000_000, 3_800_000_000)).toBe('1.2 of 3.8 GB');
  expect(formatShare(999, 3_800_000_000)).toBe('999 B of 3.8 GB');
});

test('counts have separators and the right number of the noun', () => {
  expect(countOf(1, 'file')).toBe('1 file');
  expect(countOf(48_210, 'file')).toBe('48,210 files');
  expect(countOf(0, 'file')).toBe('0 files');
});

test.each([
  [0.04, '0 s'],
  [4.2, '4.2 s'],
  [192, '3 min 12 s'],
  [119.6, '2 min 0 s'],
  [3840, '1 h 4 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

describe('time left', () => {
  test('is a range around the speed so far', () => {
    expect(formatTimeLeft(50, 100, 4)).toBe('3–5 s left');
    expect(formatTimeLeft(50, 100, 600)).toBe('7–13 min left');
    expect(formatTimeLeft(10, 100, 3600)).toBe('6–12 h left');
  });

  test('is not said while nothing is known, nor at the end', () => {
    expect(formatTimeLeft(0, 100, 10)).toBeNull();
    expect(formatTimeLeft(50, 100, 0.5)).toBeNull();
    expect(formatTimeLeft(1, 1000, 10)).toBeNull();
    expect(formatTimeLeft(100, 100, 10)).toBeNull();
  });
});

describe('times', () => {
  test('of JSON keep their nanoseconds', () => {
    expect(isoTime({ seconds: 1_777_802_645, nanoseconds: 123_456_789 })).toBe('2026-05-03T10:04:05.123456789Z');
    expect(isoTime({ seconds: -1, nanoseconds: 5 })).toBe('1969-12-31T23:59:59.000000005Z');
  });

  test('beyond what calendars know are still told', () => {
    expect(isoTime({ seconds: 1e15, nanoseconds: 5 })).toBe('@1000000000000000.000000005');
  });

  test('for people are as wide in every row', () => {
    expect(formatTime({ seconds: 1_777_802_645, nanoseconds: 0 })).toMatch(/^2026-05-0\d \d\d:\d\d$/);
    expect(formatTime({ seconds: 0, nanoseconds: 0 })).toHaveLength(16);
  });
});

describe('width', () => {
  test('counts columns, not letters', () => {
    expect(widthOf('abc')).toBe(3);
    expect(widthOf('花子')).toBe(4);
    expect(widthOf('e\u0301')).toBe(1);
    expect(widthOf('🎁')).toBe(2);
  });

  test('paths are cut in the middle, to fit', () => {
    const path = '/home/anna/Documents/very/deep/folder/花子/report.odt';
    const short = shortenMiddle(path, 30);
    expect(widthOf(short)).toBeLessThanOrEqual(30);
    expect(short).toMatch(/^\/home.*….*report\.odt$/);
    expect(shortenMiddle('/a', 30)).toBe('/a');
  });

  test('lines are cut at the end, to fit', () => {
    expect(cutTo('abcdef', 4)).toBe('abc…');
    expect(cutTo('abcd', 4)).toBe('abcd');
  });

  test('columns line up by width', () => {
    const lines = layColumns(
      [{ title: 'name' }, { title: 'size', align: 'right' }],
      [
        ['花子', '1'],
        ['b', '100'],
      ],
    );
    expect(lines).toEqual(['name  size', '花子     1', 'b      100']);
  });

  test('paragraphs break at spaces and keep long words whole', () => {
    expect(wrap('one two three', 8, '  ')).toBe('  one\n  two\n  three');
    expect(wrap('aaaaaaaaaaaa b', 4)).toBe('aaaaaaaaaaaa\nb');
  });
});

test('names cannot command the terminal', () => {
  expect(safeForTerminal('a\x1b[2Jb\nc\u202ed\udc80')).toBe('a\\x1b[2Jb\\x0ac\\u202ed\\x80');
  expect(safeForTerminal('Überraschung 花子 🎁.txt')).toBe('Überraschung 花子 🎁.txt');
});

test('every failure has words and a remedy', () => {
  for (const code of ['EACCES', 'unreadable:EIO', 'changed-while-read', 'object.damaged', 'store.full', 'EWHATEVER']) {
    const { words, remedy } = reasonOf(code);
    expect(words).not.toBe('');
    expect(remedy).not.toBe('');
    expect(words + remedy).not.toMatch(/[{}]/);
  }
  expect(leftOutBecause('preset:caches')).toBe('by the preset caches');
});
