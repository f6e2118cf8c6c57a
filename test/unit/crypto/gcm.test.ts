import { expect, test } from 'vitest';
import { AssertionError, systemRandom } from '../../../engine/base/index.ts';
import { type GcmBox, open, openInto, seal, sealInto } from '../../../engine/crypto/index.ts';
import { damageOf } from '../../support/damage.ts';

const box: GcmBox = { key: systemRandom.bytes(32), nonce: systemRandom.bytes(12), aad: systemRandom.bytes(7) };

const damagedKey = (run: () => unknown): unknown => damageOf(run)?.key;

// Around the size of a slice, and the sizes at which memory is given back.
test.each([0, 1, 1023, 1024, 98_303, 98_304, 98_305, 600_000])('%i bytes come back', (length) => {
  const plain = systemRandom.bytes(length);
  expect(open(box, seal(box, plain), 'it')).toEqual(plain);
});

test('parts seal to the same bytes as one piece', () => {
  const plain = systemRandom.bytes(300_000);
  const parts = [plain.subarray(0, 5), plain.subarray(5, 5), plain.subarray(5, 200_000), plain.subarray(200_000)];
  expect(seal(box, parts)).toEqual(seal(box, plain));
});

test('sealing and opening in place of a larger array leave what is around it', () => {
  const plain = systemRandom.bytes(2000);
  const out = new Uint8Array(3000).fill(7);
  expect(sealInto(box, plain, out, 100)).toBe(2016);
  const back = new Uint8Array(3000).fill(9);
  expect(openInto(box, out.subarray(100, 2116), back, 50, 'it')).toBe(2000);
  expect(back.subarray(50, 2050)).toEqual(plain);
  expect([out[99], out[2116], back[49], back[2050]]).toEqual([7, 7, 9, 9]);
});

test('small pooled Buffers as input and neighbours survive', () => {
  const neighbour = Buffer.from('a neighbour in the pool');
  const small = Buffer.from('a small Buffer');
  for (let round = 0; round < 200; round++) expect(open(box, seal(box, small), 'it')).toEqual(new Uint8Array(small));
  expect([neighbour.toString(), small.toString()]).toEqual(['a neighbour in the pool', 'a small Buffer']);
});

test('a changed byte, tag, nonce, key or associated data is noticed, and nothing of the plaintext stays', () => {
  const plain = systemRandom.bytes(5000).fill(1);
  const sealed = seal(box, plain);
  for (const at of [0, 2500, 4999, 5000, 5015]) {
    const changed = Uint8Array.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    const out = new Uint8Array(5000);
    expect(damagedKey(() => openInto(box, changed, out, 0, 'packs/x'))).toBe('packs/x');
    expect(out.every((byte) => byte === 0)).toBe(true);
  }
  const others: GcmBox[] = [
    { ...box, nonce: systemRandom.bytes(12) },
    { ...box, aad: systemRandom.bytes(7) },
    { ...box, key: systemRandom.bytes(32) },
  ];
  for (const other of others) expect(damagedKey(() => open(other, sealed, 'it'))).toBe('it');
});

test('what is shorter than a tag is damaged', () => {
  for (const length of [0, 1, 15]) expect(damagedKey(() => open(box, new Uint8Array(length), 'it'))).toBe('it');
});

test('too little room is our own mistake', () => {
  expect(() => sealInto(box, new Uint8Array(10), new Uint8Array(25), 0)).toThrow(AssertionError);
  expect(() => openInto(box, new Uint8Array(26), new Uint8Array(9), 0, 'it')).toThrow(AssertionError);
});
