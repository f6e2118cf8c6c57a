import { describe, expect, test } from 'vitest';
import { systemRandom, utf8, vaultId, viewOf } from '../../../engine/base/index.ts';
import {
  compress,
  decompress,
  deriveKeys,
  openObject,
  type SealedObject,
  sealObject,
} from '../../../engine/crypto/index.ts';
import { damageOf } from '../../support/damage.ts';

const vault = vaultId('00112233445566778899aabbccddeeff');
const object: SealedObject = {
  keys: deriveKeys(systemRandom.bytes(32), vault),
  vault,
  kind: 'snapshot',
  path: 'snapshots/device/0000000001',
};
const options = { random: systemRandom, level: 3 };

const isDamage = (run: () => unknown): boolean => damageOf(run) !== null;

describe('sealed objects', () => {
  test.each([
    ['nothing', new Uint8Array(0)],
    ['text', utf8('again and '.repeat(1000))],
    ['random bytes', systemRandom.bytes(5000)],
  ])('%s come back', (_, payload) => {
    for (const kind of ['config', 'index', 'snapshot', 'log'] as const) {
      expect(openObject({ ...object, kind }, sealObject({ ...object, kind }, payload, options), 'it')).toEqual(payload);
    }
  });

  test('the same payload never seals to the same bytes', () => {
    expect(sealObject(object, utf8('x'), options)).not.toEqual(sealObject(object, utf8('x'), options));
  });

  test('no byte can change unnoticed', () => {
    const sealed = sealObject(object, utf8('a short payload'), options);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(isDamage(() => openObject(object, changed, 'it'))).toBe(true);
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(isDamage(() => openObject(object, sealed.subarray(0, length), 'it'))).toBe(true);
    }
  });

  test('an object does not pass for another kind, path or vault', () => {
    const sealed = sealObject(object, utf8('a short payload'), options);
    const others: SealedObject[] = [
      { ...object, kind: 'index' },
      { ...object, path: 'snapshots/device/0000000002' },
      { ...object, vault: vaultId('ffffffffffffffffffffffffffffffff') },
      { ...object, keys: deriveKeys(systemRandom.bytes(32), vault) },
    ];
    for (const other of others) expect(isDamage(() => openObject(other, sealed, 'it'))).toBe(true);
  });
});

describe('zstd', () => {
  const raw = utf8('again and '.repeat(10_000));

  test('what does not shrink stays as it is', () => {
    expect(compress(systemRandom.bytes(10_000), 3)).toBeNull();
    expect(compress(new Uint8Array(0), 3)).toBeNull();
    expect(compress(raw, 3)?.length).toBeLessThan(500);
  });

  test('only exactly the expected length is taken', () => {
    const frame = compress(raw, 3) ?? raw;
    expect(decompress(frame, raw.length, 'it')).toEqual(raw);
    for (const length of [0, 1, raw.length - 1, raw.length + 1, 2 ** 28]) {
      expect(isDamage(() => decompress(frame, length, 'it'))).toBe(true);
    }
    expect(isDamage(() => decompress(frame.subarray(0, frame.length - 3), raw.length, 'it'))).toBe(true);
    expect(isDamage(() => decompress(new Uint8Array(0), 10, 'it'))).toBe(true);
  });

  test('a bomb costs no more memory than it may', () => {
    const bomb = compress(new Uint8Array(64 * 1024 * 1024), 3) ?? raw;
    const before = process.memoryUsage().arrayBuffers;
    expect(isDamage(() => decompress(bomb, 1000, 'it'))).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(viewOf(bomb).byteLength).toBeLessThan(100_000);
  });
});
