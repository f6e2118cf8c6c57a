import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  compareNames,
  decodePath,
  encodePath,
  joinPath,
  nameBytes,
  nameFromBytes,
  sortNames,
  splitPath,
} from '../../../engine/filesystem/index.ts';
import { realUnderTest } from './support.ts';

const roundTrip = (bytes: Uint8Array): Uint8Array => nameBytes(decodePath(bytes));

describe('path text', () => {
  test('every code point of the BMP but the surrogates is itself', () => {
    for (let code = 0; code <= 0xffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const text = String.fromCharCode(code);
      const bytes = new Uint8Array(Buffer.from(text, 'utf8'));
      if (decodePath(bytes) !== text || Buffer.compare(nameBytes(text), bytes) !== 0)
        expect.fail(`U+${code.toString(16)}`);
    }
  });

  test('the three bytes of a surrogate are invalid, and kept', () => {
    for (let code = 0xd800; code <= 0xdfff; code++) {
      const bytes = Uint8Array.of(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      const text = decodePath(bytes);
      if (text.length !== 3 || Buffer.compare(roundTrip(bytes), bytes) !== 0) expect.fail(`U+${code.toString(16)}`);
    }
  });

  test('every one and two bytes come back, alone and between letters', () => {
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        const bytes = Uint8Array.of(97, first, second, 98);
        if (Buffer.compare(roundTrip(bytes), bytes) !== 0) expect.fail(`${first} ${second}`);
      }
    }
  });

  test('invalid bytes become one lone surrogate each, what is valid around them stays readable', () => {
    const bytes = Buffer.from([0x61, 0xff, 0xc3, 0xa4, 0xf0, 0x9f, 0x99, 0x82, 0xe6, 0x97, 0x62, 0xc0, 0xaf]);
    expect(decodePath(bytes)).toBe('a\uDCFFä🙂\uDCE6\uDC97b\uDCC0\uDCAF');
    expect(decodePath(Uint8Array.of(0xf4, 0x90, 0x80, 0x80))).toBe('\uDCF4\uDC90\uDC80\uDC80');
    expect(decodePath(Uint8Array.of(0xe0, 0x9f, 0xbf))).toBe('\uDCE0\uDC9F\uDCBF');
    expect(decodePath(Buffer.from('\uFFFD'))).toBe('\uFFFD');
  });

  test('well-formed text goes to the system as it is', () => {
    expect(encodePath('/home/ä🙂')).toBe('/home/ä🙂');
    expect(encodePath('/home/\uDC80')).toEqual(Buffer.from([...Buffer.from('/home/'), 0x80]));
  });

  test('names round-trip through bytes', () => {
    for (const name of ['a', 'ä', '🙂', '\uDCFFx', '\uD800']) {
      const bytes = nameBytes(name);
      expect(nameBytes(nameFromBytes(bytes))).toEqual(bytes);
    }
  });

  test('every byte but NUL and slash round-trips on the disk', () => {
    const { fs, root, dispose } = realUnderTest();
    const names = [];
    for (let byte = 1; byte < 256; byte++) if (byte !== 0x2f) names.push(Buffer.of(0x78, byte));
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), name);
    const listed = fs.list(root);
    expect(listed.map((name) => Buffer.from(nameBytes(name)).toString('hex')).sort()).toEqual(
      names.map((name) => name.toString('hex')).sort(),
    );
    for (const name of listed) {
      const fd = fs.open(joinPath(root, name), 'read');
      const content = new Uint8Array(2);
      fs.read(fd, content, 0);
      fs.close(fd);
      expect(content).toEqual(nameBytes(name));
    }
    mkdirSync(`${root}/copy`);
    for (const name of listed) fs.rename(joinPath(root, name), joinPath(`${root}/copy`, name));
    expect(readdirSync(`${root}/copy`, 'buffer').length).toBe(names.length);
    dispose();
  });
});

describe('the order of names', () => {
  const names = [
    '',
    'a',
    'a\uDC80',
    'ab',
    'b',
    'z',
    'é',
    '\uD7FF',
    '\uE000',
    '\uFFFD',
    '🙂',
    '🙃',
    '\uDC80',
    '\uDCC3',
    '\uDCFF',
  ];

  test('is that of the raw bytes for every pair', () => {
    for (const left of names) {
      for (const right of names) {
        expect(Math.sign(compareNames(left, right))).toBe(Buffer.compare(nameBytes(left), nameBytes(right)));
      }
    }
  });

  test('is the same when sorted as a whole', () => {
    const byBytes = [...names].sort((left, right) => Buffer.compare(nameBytes(left), nameBytes(right)));
    expect(sortNames([...names].reverse())).toEqual(byBytes);
    expect(sortNames(['b', 'é', 'a', 'B'])).toEqual(['B', 'a', 'b', 'é']);
  });
});

test('paths are joined and split at the last slash', () => {
  expect(joinPath('/', 'a')).toBe('/a');
  expect(joinPath('/a', 'b')).toBe('/a/b');
  expect(splitPath('/a')).toEqual({ folder: '/', name: 'a' });
  expect(splitPath('/a/b')).toEqual({ folder: '/a', name: 'b' });
  expect(splitPath('a')).toEqual({ folder: '', name: 'a' });
});
