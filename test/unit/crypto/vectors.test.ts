import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8, vaultId } from '../../../engine/base/index.ts';
import { deriveGearTable, deriveKeys, hkdf, open, seal, sha256 } from '../../../engine/crypto/index.ts';
import { loadIdHasher } from '../../../engine/crypto/keyed-id.ts';
import { signingKeyFromSeed, verifySignature } from '../../../engine/crypto/signing.ts';
import { argon2id } from '../../../engine/crypto/slots.ts';

describe('published vectors', () => {
  test('HKDF-SHA-256 (RFC 5869, case 3)', () => {
    const out = hkdf({ material: new Uint8Array(22).fill(0x0b), salt: new Uint8Array(0), info: '' }, 42);
    expect(toHex(out)).toBe('8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8');
  });

  test('SHA-256 (FIPS 180)', () => {
    expect(toHex(sha256(utf8('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  // The official test_vectors.json: input bytes are 0, 1, …, 250, 0, 1, …
  describe.each(['native', 'wasm'] as const)('keyed BLAKE3, %s', (source) => {
    test.each([
      [0, '92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26'],
      [1, '6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b'],
      [1023, 'c951ecdf03288d0fcc96ee3413563d8a6d3589547f2c2fb36d9786470f1b9d6e'],
      [1024, '75c46f6f3d9eb4f55ecaaee480db732e6c2105546f1e675003687c31719c7ba4'],
    ])('of %i bytes', async (length, expected) => {
      const id = await loadIdHasher('blake3', utf8('whats the Elvish word for friend'), source);
      const input = Uint8Array.from({ length }, (_, at) => at % 251);
      expect(toHex(id(input))).toBe(expected);
      expect(toHex(id(input))).toBe(expected);
    });
  });

  // The reference implementation's own test; RFC 9106's has a secret and associated data, which the format does not use.
  test.each(['native', 'wasm'] as const)('Argon2id, %s', async (source) => {
    const cost = { memoryKiB: 65_536, passes: 2, lanes: 1 };
    const tag = await argon2id({ password: utf8('password'), salt: utf8('somesalt'), cost }, source);
    expect(toHex(tag)).toBe('09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7');
  });

  test('AES-256-GCM (the specification of GCM, case 16)', () => {
    const key = fromHex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
    const box = {
      key,
      nonce: fromHex('cafebabefacedbaddecaf888'),
      aad: fromHex('feedfacedeadbeeffeedfacedeadbeefabaddad2'),
    };
    const plain = fromHex(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
        '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    );
    const sealed = seal(box, plain);
    expect(toHex(sealed)).toBe(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
        '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
        '76fc6ece0f4e1768cddf8853bb2d551b',
    );
    expect(open(box, sealed, 'it')).toEqual(plain);
  });

  test.each([
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
  ])('Ed25519 (RFC 8032), seed %s', (seed, publicKey, message, signature) => {
    const key = signingKeyFromSeed(fromHex(seed));
    expect(toHex(key.publicKey)).toBe(publicKey);
    expect(toHex(key.sign(fromHex(message)))).toBe(signature);
    const signed = { publicKey: key.publicKey, message: fromHex(message), signature: fromHex(signature) };
    expect(verifySignature(signed)).toBe(true);
    expect(verifySignature({ ...signed, message: utf8('another') })).toBe(false);
  });
});

describe('the key hierarchy, computed from RFC 5869 by hand', () => {
  const root = Uint8Array.from({ length: 32 }, (_, at) => at);
  const vault = vaultId('00112233445566778899aabbccddeeff');

  /** HKDF spelled out with HMAC alone, so that the test does not lean on the function it judges. */
  const expand = (material: Uint8Array, info: string, length: number): string => {
    const key = createHmac('sha256', new Uint8Array(32)).update(material).digest();
    let block = new Uint8Array(0);
    let all = '';
    for (let count = 1; all.length < 2 * length; count++) {
      block = new Uint8Array(
        createHmac('sha256', key).update(block).update(info).update(Uint8Array.of(count)).digest(),
      );
      all += toHex(block);
    }
    return all.slice(0, 2 * length);
  };

  test('one key for each purpose', () => {
    const keys = deriveKeys(root, vault);
    const expected = (purpose: string): string => expand(root, `coffer/v1/${purpose}/${vault}`, 32);
    expect(Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, toHex(key)]))).toEqual({
      pack: expected('pack'),
      meta: expected('meta'),
      chunkId: expected('chunk-id'),
      chunker: expected('chunker'),
      config: expected('config'),
      head: expected('head'),
    });
  });

  test('the gear table', () => {
    const { chunker } = deriveKeys(root, vault);
    expect(toHex(deriveGearTable(chunker))).toBe(expand(chunker, 'coffer/v1/gear64', 2048));
  });

  test('HMAC-SHA-256 ids', async () => {
    const id = await loadIdHasher('hmac-sha256', root);
    expect(toHex(id(utf8('content')))).toBe(createHmac('sha256', root).update('content').digest('hex'));
  });
});
