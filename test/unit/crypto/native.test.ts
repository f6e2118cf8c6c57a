import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { systemRandom } from '../../../engine/base/index.ts';
import { createNodeGcm, type GcmEngine } from '../../../engine/crypto/gcm-engine.ts';
import { loadNativeGcm } from '../../../engine/crypto/native-gcm.ts';
import { loadNativeZstd } from '../../../engine/crypto/native-zstd.ts';
import { compress, decompress, decompressesTo, useNativeZstd } from '../../../engine/crypto/zstd.ts';

// Without this a wrong signature would go unnoticed: everything would work, and slowly.
test.runIf(process.platform === 'linux' && process.arch === 'x64')('what Node brings along can be called', () => {
  expect(loadNativeGcm()).not.toBeNull();
  expect(loadNativeZstd()).not.toBeNull();
});

const box = { key: systemRandom.bytes(32), nonce: systemRandom.bytes(12), aad: systemRandom.bytes(37) };

function sealed(engine: GcmEngine, plain: Uint8Array, inPlace = false): Uint8Array {
  const out = new Uint8Array(plain.length + 16);
  if (inPlace) out.set(plain);
  engine.beginSeal(box);
  engine.seal(inPlace ? out.subarray(0, plain.length) : plain, out.subarray(0, plain.length));
  engine.endSeal(out.subarray(plain.length));
  return out;
}

function opened(engine: GcmEngine, bytes: Uint8Array): Uint8Array | null {
  const out = new Uint8Array(bytes.length - 16);
  engine.beginOpen(box, bytes.subarray(out.length));
  // In two pours, the first of them no whole number of blocks.
  const half = Math.floor(out.length / 2) | 1;
  engine.open(bytes.subarray(0, half), out.subarray(0, half));
  engine.open(bytes.subarray(half, out.length), out.subarray(half));
  return engine.endOpen() ? out : null;
}

test.each([1, 15, 16, 17, 4096, 98_305, 700_001])('both engines seal and open %i bytes alike', (length) => {
  const engines = [createNodeGcm(), loadNativeGcm() ?? createNodeGcm()];
  const plain = systemRandom.bytes(length);
  const results = engines.map((engine) => sealed(engine, plain));
  expect(results[1]).toEqual(results[0]);
  for (const engine of engines) {
    expect(sealed(engine, plain, true)).toEqual(results[0]);
    for (const bytes of results) expect(opened(engine, bytes)).toEqual(plain);
  }
});

test('both engines notice every changed part, and go on after it', () => {
  const plain = systemRandom.bytes(1000);
  for (const engine of [createNodeGcm(), loadNativeGcm() ?? createNodeGcm()]) {
    const good = sealed(engine, plain);
    for (const at of [0, 999, 1000, 1015]) {
      const bad = Uint8Array.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0x40;
      expect(opened(engine, bad)).toBeNull();
      expect(opened(engine, good)).toEqual(plain);
    }
  }
});

test('a message that was not ended leaves nothing behind for the next', () => {
  for (const engine of [createNodeGcm(), loadNativeGcm() ?? createNodeGcm()]) {
    const expected = sealed(engine, Uint8Array.of(1, 2, 3));
    engine.beginSeal(box);
    engine.seal(new Uint8Array(100), new Uint8Array(100));
    expect(sealed(engine, Uint8Array.of(1, 2, 3))).toEqual(expected);
  }
});

/** Forty-five threads are started one after another. */
const threadsTimeoutMs = 120_000;

test('a thread that has ended has given everything back', { timeout: threadsTimeoutMs }, async () => {
  const endThread = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const thread = new Worker(new URL('./codec-worker.ts', import.meta.url));
      thread.once('error', reject);
      thread.once('exit', resolve);
    });
  for (let round = 0; round < 5; round++) await endThread();
  const before = process.memoryUsage.rss();
  for (let round = 0; round < 40; round++) await endThread();
  // Three megabytes a thread otherwise.
  expect(process.memoryUsage.rss() - before).toBeLessThan(50_000_000);
});

afterEach(() => useNativeZstd(true));

const text = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => 97 + ((at * at) % 7) + (at % 3) * 5);

test.each([600, 70_000, 1_500_000])('frames of %i bytes are read by both codecs, whoever wrote them', (length) => {
  const raw = text(length);
  for (const writer of [true, false]) {
    for (const effort of ['quick', 4] as const) {
      useNativeZstd(writer);
      const frame = compress(raw, effort);
      expect(frame).not.toBeNull();
      for (const reader of [true, false]) {
        useNativeZstd(reader);
        expect(decompress(frame ?? raw, length, 'it')).toEqual(raw);
        expect(decompressesTo(frame ?? raw, raw)).toBe(true);
      }
    }
  }
});

test.each([true, false])('frames that are cut, changed, too long or too short are refused (native: %s)', (isNative) => {
  useNativeZstd(isNative);
  const raw = text(10_000);
  const frame = compress(raw, 3) ?? raw;
  const other = Uint8Array.from(raw).fill(0, 5000, 5001);
  expect(decompressesTo(frame, other)).toBe(false);
  for (const length of [0, 1, 9_999, 10_001]) expect(() => decompress(frame, length, 'it')).toThrow('object.damaged');
  for (const cut of [0, 1, 8, frame.length - 1]) {
    expect(() => decompress(frame.subarray(0, cut), 10_000, 'it')).toThrow();
    expect(decompressesTo(frame.subarray(0, cut), raw)).toBe(false);
  }
  expect(() => decompress(systemRandom.bytes(300), 10_000, 'it')).toThrow();
  const half = compress(raw.subarray(0, 5_000), 3) ?? raw;
  const two = Buffer.concat([half, compress(raw.subarray(5_000), 3) ?? raw]);
  expect(() => decompress(two, 10_000, 'it')).toThrow('object.damaged');
});

test.each([true, false])('what does not shrink by 3 percent is not compressed (native: %s)', (isNative) => {
  useNativeZstd(isNative);
  expect(compress(systemRandom.bytes(50_000), 3)).toBeNull();
  expect(compress(new Uint8Array(0), 3)).toBeNull();
  expect(compress(Uint8Array.of(1), 3)).toBeNull();
});
