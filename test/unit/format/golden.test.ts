import { describe, expect, test } from 'vitest';
import { deviceId, fromHex, snapshotId, toHex, vaultId } from '../../../engine/base/index.ts';
import {
  configDefaults,
  createDirectoryBuilder,
  encodeConfigBody,
  encodeConfigHeader,
  encodeLogEntry,
  encodePackHeader,
  encodeRefs,
  encodeSlotClear,
  encodeTrailer,
  encodeTree,
  logMessage,
} from '../../../engine/format/index.ts';

/** Bytes written out by hand from FORMAT.md: they must never change. */
const bytes = (...parts: string[]): string => parts.join('').replaceAll(/\s+/g, '');
const repeated = (byte: string, count: number): string => byte.repeat(count);
const filled = (byte: number, count: number): Uint8Array => new Uint8Array(count).fill(byte);
const vault = vaultId('00112233445566778899aabbccddeeff');

describe('fixed layouts', () => {
  test('config header', () => {
    const header = { version: 1, minReader: 1, vault, idAlgorithm: 'hmac-sha256', chunker: 'gear64' } as const;
    expect(toHex(encodeConfigHeader(header))).toBe(
      bytes('434f464645520d0a', '0100', '0100', '00112233445566778899aabbccddeeff', '02', '01', '0000'),
    );
  });

  test('key slot', () => {
    const slot = {
      kind: 'passphrase',
      vault,
      salt: filled(0xaa, 32),
      cost: { memoryKiB: 65_536, passes: 3, lanes: 1 },
      created: 0x0102030405,
      label: 'é',
      commitment: filled(0xcc, 32),
    } as const;
    expect(toHex(encodeSlotClear(slot))).toBe(
      bytes(
        '4346524b 01 01 0000 00112233445566778899aabbccddeeff',
        repeated('aa', 32),
        '00000100 03000000 01000000 0504030201000000 0200 c3a9',
        repeated('cc', 32),
      ),
    );
  });

  test('pack header and trailer', () => {
    expect(toHex(encodePackHeader({ type: 'tree', salt: filled(0xaa, 24), commitment: filled(0xcc, 32) }))).toBe(
      bytes('43465250 01 02 0000', repeated('aa', 24), repeated('cc', 32)),
    );
    expect(toHex(encodeTrailer({ directoryOffset: 0x010203, directoryLength: 0x44, piecesEnd: 0x99 }))).toBe(
      bytes('03020100 44000000 99000000 00000000'),
    );
  });

  test('pack directory', () => {
    const builder = createDirectoryBuilder();
    builder.add({ stored: 116, raw: 100, zstd: false, bundle: false, ids: filled(0xaa, 32), lengths: [100] });
    builder.add({ stored: 60, raw: 300, zstd: true, bundle: true, ids: filled(0xbb, 64), lengths: [299, 1] });
    expect(toHex(builder.bytes())).toBe(
      bytes(
        '02000000',
        `74000000 64000000 00000000 01000000 ${repeated('aa', 32)} 64000000`,
        `3c000000 2c010000 03000000 02000000 ${repeated('bb', 32)} 2b010000 ${repeated('bb', 32)} 01000000`,
      ),
    );
  });

  test('refs', () => {
    const refs = {
      snapshot: snapshotId(repeated('aa', 32)),
      base: repeated('bb', 32),
      depth: 2,
      added: filled(1, 32),
      removed: filled(2, 32),
    };
    expect(toHex(encodeRefs(refs))).toBe(
      bytes(
        `43465252 01000000 ${refs.snapshot} ${refs.base} 02000000 01000000 01000000`,
        repeated('01', 32),
        repeated('02', 32),
      ),
    );
  });
});

describe('CBOR', () => {
  test('config body', () => {
    expect(toHex(encodeConfigBody({ ...configDefaults, created: { seconds: -1, nanoseconds: 24 } }))).toBe(
      bytes(
        'a4',
        '65 6c6576656c 04',
        '67 6368756e6b6572 a3 63 6d6178 1a00400000 63 6d696e 1a00040000 67 61766572616765 1a00080000',
        '67 63726561746564 82 20 1818',
        '6b 747265654368756e6b6572 a3 63 6d6178 1a00080000 63 6d696e 198000 67 61766572616765 1a00010000',
      ),
    );
  });

  test('tree', () => {
    const common = {
      mode: 0o644,
      uid: 1000,
      gid: 0,
      mtime: { seconds: 1_700_000_000, nanoseconds: 5 },
      ctime: { seconds: -2, nanoseconds: 0 },
    };
    const fields = '1901a4 1903e8 00 1a6553f100 05 21 00';
    const tree = encodeTree({ platform: 'posix', owners: [{ id: 1000, name: 'me' }], groups: [] }, [
      { ...common, kind: 'file', name: filled(0x61, 1), size: 3, content: filled(7, 32) },
      {
        ...common,
        kind: 'folder',
        name: filled(0x62, 1),
        size: 0,
        content: null,
        state: 'unreadable:EACCES',
        entries: 2,
        hardLink: { inode: 2n ** 64n - 1n },
      },
      { ...common, kind: 'symlink', name: filled(0x63, 1), target: filled(0x78, 2) },
      { ...common, kind: 'blockDevice', name: filled(0x64, 1), major: 8, minor: 1 },
      { ...common, kind: 'fifo', name: filled(0x65, 1), xattrs: [{ name: filled(1, 1), value: filled(2, 1) }] },
      { ...common, kind: 'file', name: filled(0x66, 1), size: 9, content: filled(7, 32), holes: [0, 4, 5, 3] },
    ]);
    expect(toHex(tree)).toBe(
      bytes(
        '87 84 01 00 81 82 1903e8 62 6d65 80',
        `8b 00 4161 ${fields} 03 5820 ${repeated('07', 32)}`,
        `8c 01 4162 ${fields} 00 f6 a3 6165 71 756e7265616461626c653a454143434553 6166 02 6168 81 1bffffffffffffffff`,
        `8b 02 4163 ${fields} 00 42 7878`,
        `8b 06 4164 ${fields} 00 82 08 01`,
        `8c 03 4165 ${fields} 00 f6 a1 6178 81 82 4101 4102`,
        `8c 00 4166 ${fields} 09 5820 ${repeated('07', 32)} a1 6173 84 00 04 05 03`,
      ),
    );
  });

  test('log entry, and what is signed of it', () => {
    const entry = encodeLogEntry({
      device: deviceId(repeated('0d', 16)),
      previous: null,
      requires: [],
      seq: 1,
      time: { seconds: 1, nanoseconds: 0 },
      vault,
      action: { kind: 'snapshot', snapshot: snapshotId(repeated('aa', 32)), refs: repeated('bb', 32) },
    });
    const expected = bytes(
      'aa',
      '63 736571 01',
      '64 6b696e64 68 736e617073686f74',
      `64 72656673 5820 ${repeated('bb', 32)}`,
      '64 74696d65 82 01 00',
      '65 76616c7565 f6',
      '65 7661756c74 50 00112233445566778899aabbccddeeff',
      `66 646576696365 50 ${repeated('0d', 16)}`,
      `66 6f626a656374 5820 ${repeated('aa', 32)}`,
      '68 70726576696f7573 f6',
      '68 7265717569726573 80',
    );
    expect(toHex(entry)).toBe(expected);
    expect(toHex(logMessage(fromHex('a0')))).toBe(bytes('636f666665722f76312f6c6f67 00 a0'));
  });
});
