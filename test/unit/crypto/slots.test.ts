import { describe, expect, test } from 'vitest';
import { isCofferError, systemRandom, utf8, vaultId } from '../../../engine/base/index.ts';
import {
  argon2Default,
  checkArgon2Cost,
  deriveSlotKeys,
  passphraseMaterial,
  unwrapRootKey,
  wrapRootKey,
} from '../../../engine/crypto/index.ts';

const vault = vaultId('00112233445566778899aabbccddeeff');
const salt = systemRandom.bytes(32);
const rootKey = systemRandom.bytes(32);
const secret = { kind: 'phrase', material: systemRandom.bytes(32), salt, vault } as const;

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (isCofferError(error)) return error.code;
    throw error;
  }
  return 'none';
};

describe('a wrapped root key', () => {
  const keys = deriveSlotKeys(secret);
  const clear = utf8('the clear part');
  const slot = { clear, commitment: keys.commitment, wrapped: wrapRootKey(keys, clear, rootKey), key: 'keys/x' };

  test('comes back with its secret', () => {
    expect(unwrapRootKey(deriveSlotKeys(secret), slot)).toEqual(rootKey);
  });

  test('is not for another secret, kind or vault', () => {
    const others = [
      { ...secret, material: systemRandom.bytes(32) },
      { ...secret, kind: 'device' as const },
      { ...secret, vault: vaultId('ffffffffffffffffffffffffffffffff') },
    ];
    for (const other of others) expect(unwrapRootKey(deriveSlotKeys(other), slot)).toBeNull();
  });

  test('with a changed byte is a damaged slot, not a wrong secret', () => {
    expect(codeOf(() => unwrapRootKey(keys, { ...slot, clear: utf8('the clear Part') }))).toBe('slot.damaged');
    expect(codeOf(() => unwrapRootKey(keys, { ...slot, wrapped: systemRandom.bytes(48) }))).toBe('slot.damaged');
    expect(codeOf(() => unwrapRootKey(keys, { ...slot, wrapped: new Uint8Array(3) }))).toBe('slot.damaged');
  });
});

describe('passphrases', () => {
  test('typed in other code points are the same', async () => {
    const derive = (passphrase: string): Promise<Uint8Array> =>
      passphraseMaterial({ passphrase, salt, cost: argon2Default }, 'keys/x');
    expect(await derive('schön')).toEqual(await derive('scho\u0308n'));
    expect(await derive('schön')).not.toEqual(await derive('Schön'));
  });

  test.each([
    { memoryKiB: 65_535, passes: 3, lanes: 1 },
    { memoryKiB: 262_145, passes: 3, lanes: 1 },
    { memoryKiB: 65_536, passes: 2, lanes: 1 },
    { memoryKiB: 65_536, passes: 17, lanes: 1 },
    { memoryKiB: 65_536, passes: 3, lanes: 2 },
    { memoryKiB: 0, passes: 0, lanes: 0 },
  ])('are not tried at a cost outside the limits: %j', async (cost) => {
    expect(codeOf(() => checkArgon2Cost(cost, 'keys/x'))).toBe('slot.refused');
    await expect(passphraseMaterial({ passphrase: 'x', salt, cost }, 'keys/x')).rejects.toThrow('slot.refused');
  });
});
