import { describe, expect, test } from 'vitest';
import { fromHex } from '../../../engine/base/index.ts';
import { decodeCbor } from '../../../engine/format/cbor-reader.ts';
import { encodeCbor } from '../../../engine/format/cbor-writer.ts';
import {
  decodeConfigBody,
  decodeConfigHeader,
  decodeConfigVersions,
  decodeDirectory,
  decodeTrailer,
  decodeTree,
  encodeTrailer,
  needsNewerReader,
  packLayout,
} from '../../../engine/format/index.ts';
import { damageOf } from '../../support/damage.ts';

const reasonOf = (run: () => unknown): string => String(damageOf(run)?.reason ?? 'none');
const hex = (text: string): Uint8Array => fromHex(text.replaceAll(' ', ''));

describe('CBOR that is not in its one form is refused', () => {
  test.each([
    ['a number in two bytes that fits one', '1817'],
    ['a number in three bytes that fits two', '1900ff'],
    ['a number in five bytes that fits three', '1a0000ffff'],
    ['a number in nine bytes that fits five', '1b00000000ffffffff'],
    ['a long length', '580161'],
    ['an indefinite array', '9f00ff'],
    ['indefinite bytes', '5f4101ff'],
    ['a break', 'ff'],
    ['a tag', 'c000'],
    ['a float', 'f93c00'],
    ['undefined', 'f7'],
    ['a simple value', 'f820'],
    ['keys out of order', 'a2 6162 00 6161 00'],
    ['a long key before a short one', 'a2 626161 00 6162 00'],
    ['a key twice', 'a2 6161 00 6161 00'],
    ['a key that is a number', 'a1 00 00'],
    ['text that is not UTF-8', '61ff'],
    ['an encoded surrogate', '63eda080'],
    ['two values', '0000'],
    ['nothing', ''],
    ['an array without its items', '8400'],
    ['a count that no memory holds', '9b001fffffffffffff'],
    ['a length that no memory holds', '5bffffffffffffffff'],
    ['arrays in arrays without end', '81'.repeat(100_000)],
  ])('%s', (_, text) => {
    expect(reasonOf(() => decodeCbor(hex(text), 'it'))).not.toBe('none');
  });

  test('a byte order mark is part of a text', () => {
    expect(decodeCbor(encodeCbor('\ufeffx'), 'it')).toBe('\ufeffx');
  });

  test('a million and more items are refused before they fill the memory', () => {
    expect(reasonOf(() => decodeCbor(hex(`9a001e8480${'f6'.repeat(2_000_000)}`), 'it'))).toBe('it has too many items');
  });
});

describe('trees', () => {
  const entry = (name: string, type = '00', rest = '00 40'): string =>
    `8b ${type} ${name} 00 00 00 00 00 00 00 ${rest}`;
  const reason = (...entries: string[]): string =>
    reasonOf(() => decodeTree(hex(`8${entries.length + 1} 84 01 00 80 80 ${entries.join('')}`), 'it'));

  test('a plain one is read', () => {
    expect(reason(entry('4161'), entry('4162'))).toBe('none');
  });

  test.each([
    ['an empty name', entry('40')],
    ['a dot', entry('412e')],
    ['two dots', entry('422e2e')],
    ['a slash', entry('43612f62')],
    ['a NUL', entry('43610062')],
  ])('no name is %s', (_, one) => {
    expect(reason(one)).toBe('an entry has a name that none may have');
  });

  test('names rise', () => {
    expect(reason(entry('4162'), entry('4161'))).toBe('entries are not in their order');
    expect(reason(entry('4161'), entry('4161'))).toBe('entries are not in their order');
  });

  test('on Windows a backslash separates too', () => {
    const tree = (platform: string): Uint8Array => hex(`82 84 01 ${platform} 80 80 ${entry('43615c62')}`);
    expect(reasonOf(() => decodeTree(tree('00'), 'it'))).toBe('none');
    expect(reasonOf(() => decodeTree(tree('01'), 'it'))).toBe('an entry has a name that none may have');
  });

  test.each([
    ['an unknown type', entry('4161', '07')],
    ['a list of ids of a wrong length', entry('4161', '00', '01 41ff')],
    ['a size without chunks', entry('4161', '00', '01 40')],
    ['an empty list of ids for a folder', entry('4161', '01', '00 40')],
    ['a size of a link', entry('4161', '02', '01 4161')],
    ['content of a socket', entry('4161', '04', '00 40')],
    ['three numbers of a device', entry('4161', '05', '00 83 000000')],
    ['a negative size', entry('4161', '00', '20 40')],
    ['empty extras', entry('4161', '00', '00 40 a0').replace('8b', '8c')],
    ['empty holes', entry('4161', '00', '00 40 a1 6173 80').replace('8b', '8c')],
    ['a hole beyond the end', entry('4161', '00', '00 40 a1 6173 82 00 01').replace('8b', '8c')],
    ['entries of a file', entry('4161', '00', '00 40 a1 6166 01').replace('8b', '8c')],
    ['mode bits beyond the twelve', '8b 00 4161 191000 00 00 00 00 00 00 00 40'],
    ['a second of too many nanoseconds', '8b 00 4161 00 00 00 00 1a3b9aca00 00 00 00 40'],
  ])('%s is refused', (_, one) => {
    expect(reason(one)).not.toBe('none');
  });

  test('unknown extras are kept', () => {
    const bytes = hex(`82 84 01 00 80 80 ${entry('4161', '00', '00 40 a1 617a 82 f5 6162').replace('8b', '8c')}`);
    expect(decodeTree(bytes, 'it').entries[0]?.unknown).toEqual(new Map([['z', [true, 'b']]]));
  });
});

describe('pack directories', () => {
  const id = 'aa'.repeat(32);
  const piece = (stored: string, raw: string, flags: string, chunks = `01000000 ${id} ${raw}`): string =>
    `${stored} ${raw} ${flags} ${chunks}`;
  const reason = (text: string): string => reasonOf(() => decodeDirectory(hex(text), 'it'));

  test.each([
    ['a raw piece', piece('11000000', '01000000', '00000000'), 'none'],
    ['a compressed piece', piece('11000000', '02000000', '01000000'), 'none'],
    ['a raw piece of another stored length', piece('12000000', '01000000', '00000000'), 'wrong stored length'],
    ['a compressed piece that did not shrink', piece('12000000', '02000000', '01000000'), 'wrong stored length'],
    ['a compressed piece without a byte', piece('10000000', '02000000', '01000000'), 'wrong stored length'],
    ['an empty piece', piece('10000000', '00000000', '00000000'), 'wrong length'],
    ['a piece of more than 8 MiB', piece('11008000', '01008000', '00000000'), 'wrong length'],
    ['unknown flags', piece('11000000', '01000000', '04000000'), 'unknown flags'],
    ['no chunks', '11000000 01000000 02000000 00000000', 'wrong length'],
    ['chunks that do not add up', piece('12000000', '02000000', '00000000', `01000000 ${id} 01000000`), 'add up'],
    [
      'two chunks in a single piece',
      piece('12000000', '02000000', '00000000', `02000000 ${`${id} 01000000`.repeat(2)}`),
      'several chunks',
    ],
    [
      'more chunks than there are bytes',
      piece('11000000', '01000000', '02000000', `ffffffff ${id} 01000000`),
      'wrong length',
    ],
  ])('%s', (_, text, expected) => {
    expect(reason(`01000000 ${text}`)).toMatch(expected);
  });

  test('a count that no memory holds', () => {
    expect(reason('ffffffff')).toMatch('wrong length');
    expect(reason(`02000000 ${piece('11000000', '01000000', '00000000')}`)).toMatch('wrong length');
  });

  test('pieces that reach beyond a pack', () => {
    const big = piece('10008000', '00008000', '00000000');
    expect(reason(`02000000 ${big} ${big}`)).toMatch('beyond');
  });
});

test('a trailer that does not fit its pack is refused', () => {
  const { length, ...trailer } = packLayout(100_000, 500);
  const reason = (change: Partial<typeof trailer>, packLength = length): string =>
    reasonOf(() => decodeTrailer(encodeTrailer({ ...trailer, ...change }), packLength, 'it'));
  expect(reason({})).toBe('none');
  expect(reason({ directoryOffset: trailer.directoryOffset - 1 })).not.toBe('none');
  expect(reason({ directoryLength: trailer.directoryLength + 1 })).not.toBe('none');
  expect(reason({ piecesEnd: 63 })).not.toBe('none');
  expect(reason({ piecesEnd: trailer.directoryOffset + 1 })).not.toBe('none');
  expect(reason({ piecesEnd: 50_000 })).not.toBe('none');
  expect(reason({}, length + 1)).not.toBe('none');
  expect(reason({}, 16 * 1024 * 1024 + 1)).not.toBe('none');
});

describe('config', () => {
  const header = '434f464645520d0a 0100 0100 00112233445566778899aabbccddeeff 01 01 0000';

  test('a newer version is told apart from damage, whatever else changed', () => {
    const newer = hex(header.replace('0100 0100', '0500 0200').replace('01 01 0000', '09 09 0909'));
    expect(needsNewerReader(decodeConfigVersions(newer))).toBe(true);
    const readable = decodeConfigHeader(hex(header.replace('0100 0100', '0500 0100')));
    expect([readable.version, needsNewerReader(readable)]).toEqual([5, false]);
  });

  test.each([
    ['0100 0100', '0000 0000'],
    ['0100 0100', '0100 0200'],
    ['01 01 0000', '03 01 0000'],
    ['01 01 0000', '01 02 0000'],
    ['01 01 0000', '01 01 0001'],
    ['434f', '434e'],
  ])('%s may not be %s', (right, wrong) => {
    expect(reasonOf(() => decodeConfigHeader(hex(header)))).toBe('none');
    expect(reasonOf(() => decodeConfigHeader(hex(header.replace(right, wrong))))).not.toBe('none');
  });

  test('sizes of chunks and the level keep to their limits', () => {
    const sizes = { average: 1000, max: 2000, min: 500 };
    const reason = (change: Record<string, number>, level = 3): string => {
      const chunker = new Map(Object.entries({ ...sizes, ...change }));
      const body = { chunker, created: [0, 0], level, treeChunker: new Map(Object.entries(sizes)) };
      return reasonOf(() => decodeConfigBody(encodeCbor(new Map(Object.entries(body)))));
    };
    expect(reason({})).toBe('none');
    for (const change of [{ min: 64 }, { min: 999 }, { average: 2001 }, { max: 8_388_609 }]) {
      expect(reason(change)).toMatch('chunker');
    }
    for (const level of [0, 20]) expect(reason({}, level)).toMatch('level');
  });
});
