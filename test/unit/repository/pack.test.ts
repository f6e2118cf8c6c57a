import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CofferError, concatBytes, type PackId, vaultId } from '../../../engine/base/index.ts';
import { compress, loadIdHasher, sha256Hex } from '../../../engine/crypto/index.ts';
import { createRealFileSystem } from '../../../engine/filesystem/index.ts';
import { seededRandom } from '../../../engine/filesystem/simulated/index.ts';
import { decodeDirectory, keyOfPack, padme } from '../../../engine/format/index.ts';
import {
  chunkIn,
  createPackVerifier,
  createPackWriter,
  idAt,
  type PackKeys,
  type PackWriter,
  type PieceChunk,
  readPackDirectory,
  readPiece,
  type SealedPack,
} from '../../../engine/repository/index.ts';
import { createMemoryStore } from '../../../engine/storage/memory/store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { noise } from '../../support/trees.ts';

const vault = vaultId('0f'.repeat(16));
const packKey = noise(32, 5);

async function keysOf(): Promise<PackKeys> {
  return { packKey, vault, idOf: await loadIdHasher('blake3', noise(32, 6)) };
}

type Written = { readonly sealed: SealedPack; readonly bytes: Uint8Array; readonly contents: readonly Uint8Array[] };

/** A raw piece, a compressed one and a bundle of three. */
async function writePack(keys: PackKeys, seed = 1): Promise<Written> {
  const path = join(temporaryFolder(), 'pack');
  const random = seededRandom(seed);
  const writer = createPackWriter({
    type: 'data',
    number: 0,
    path,
    packKey,
    vault,
    fileSystem: createRealFileSystem(),
    random,
  });
  const contents = [
    noise(150, seed),
    new TextEncoder().encode('again and again '.repeat(20)),
    noise(40, 2),
    noise(1, 3),
    noise(60, 4),
  ];
  const chunkOf = (raw: Uint8Array): PieceChunk => ({ id: keys.idOf(raw), length: raw.length });
  const [one, two, ...rest] = contents;
  if (one === undefined || two === undefined) throw new Error('five contents');
  writer.add({ chunks: [chunkOf(one)], payload: one, rawLength: one.length, compressed: false });
  const frame = compress(two, 3);
  if (frame === null) throw new Error('text that compresses');
  writer.add({ chunks: [chunkOf(two)], payload: frame, rawLength: two.length, compressed: true });
  const bundle = Buffer.concat(rest);
  writer.add({ chunks: rest.map(chunkOf), payload: bundle, rawLength: bundle.length, compressed: false });
  const sealed = writer.seal();
  return { sealed, bytes: new Uint8Array(readFileSync(path)), contents };
}

/** All chunks as a reader gets them; throws what the reader throws. */
async function readAll(
  bytes: Uint8Array,
  pack: PackId,
  keys: PackKeys,
  known: Uint8Array | null,
): Promise<Uint8Array[]> {
  const store = createMemoryStore();
  await store.put(keyOfPack(pack), bytes);
  const encoded = known ?? (await readPackDirectory(store, pack, bytes.length, keys)).bytes;
  const directory = decodeDirectory(encoded, 'a pack');
  const chunks: Uint8Array[] = [];
  for (let chunk = 0; chunk < directory.chunkCount; chunk++) {
    const raw = await readPiece(store, pack, directory, directory.chunkPiece[chunk] ?? 0, keys);
    chunks.push(chunkIn(raw, directory, chunk).slice());
  }
  return chunks;
}

describe('a pack', () => {
  test('gives back what was put in, by its own directory and by an index’s', async () => {
    const keys = await keysOf();
    const { sealed, bytes, contents } = await writePack(keys);
    expect(sealed.id).toBe(sha256Hex(bytes));
    expect(bytes.length).toBe(padme(bytes.length));
    expect(await readAll(bytes, sealed.id, keys, null)).toEqual(contents.map((raw) => new Uint8Array(raw)));
    expect(await readAll(bytes, sealed.id, keys, sealed.directory)).toEqual(contents.map((raw) => new Uint8Array(raw)));
  });

  test('with any byte flipped never gives wrong data', async () => {
    const keys = await keysOf();
    const { sealed, bytes, contents } = await writePack(keys);
    const expected = contents.map((raw) => Buffer.from(raw).toString('hex')).join();
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      const harmed = bytes.slice();
      harmed[at] = (harmed[at] ?? 0) ^ (1 << (at % 8));
      for (const known of [null, sealed.directory]) {
        try {
          const read = await readAll(harmed, sealed.id, keys, known);
          expect(read.map((raw) => Buffer.from(raw).toString('hex')).join()).toBe(expected);
        } catch (error) {
          if (!(error instanceof CofferError)) throw error;
          expect(error.code).toBe('object.damaged');
          refused++;
        }
      }
    }
    // All but the padding matters to somebody.
    expect(refused).toBeGreaterThan(bytes.length);
  });

  test('with any byte flipped, or cut anywhere, is found by a check', async () => {
    const keys = await keysOf();
    const { sealed, bytes } = await writePack(keys);
    const verdictOn = async (harmed: Uint8Array): Promise<string | null> => {
      const store = createMemoryStore();
      await store.put(keyOfPack(sealed.id), harmed);
      const toVerify = { pack: sealed.id, length: harmed.length, directory: sealed.directory };
      return (await createPackVerifier(store, keys).verify(toVerify)).reason;
    };
    expect(await verdictOn(bytes)).toBeNull();
    for (let at = 0; at < bytes.length; at++) {
      const harmed = bytes.slice();
      harmed[at] = (harmed[at] ?? 0) ^ 1;
      expect(await verdictOn(harmed)).not.toBeNull();
    }
    for (let length = 0; length < bytes.length; length += 13)
      expect(await verdictOn(bytes.slice(0, length))).not.toBeNull();
  });

  test('swapped for another one is refused', async () => {
    const keys = await keysOf();
    const one = await writePack(keys, 1);
    const other = await writePack(keys, 2);
    await expect(readAll(other.bytes, one.sealed.id, keys, one.sealed.directory)).rejects.toMatchObject({
      code: 'object.damaged',
    });
  });

  test('of another vault, or under another key, is refused', async () => {
    const keys = await keysOf();
    const { sealed, bytes } = await writePack(keys);
    for (const wrong of [
      { ...keys, vault: vaultId('0e'.repeat(16)) },
      { ...keys, packKey: noise(32, 99) },
    ]) {
      await expect(readAll(bytes, sealed.id, wrong, sealed.directory)).rejects.toMatchObject({
        code: 'object.damaged',
      });
    }
  });

  function openPack(path: string): PackWriter {
    const fileSystem = createRealFileSystem();
    return createPackWriter({ type: 'tree', number: 0, path, packKey, vault, fileSystem, random: seededRandom(1) });
  }

  test('that is abandoned leaves no file and says whose chunks are nobody’s now', async () => {
    const keys = await keysOf();
    const path = join(temporaryFolder(), 'pack');
    const writer = openPack(path);
    expect(writer.abandon()).toEqual([]);
    const another = openPack(path);
    const pieces = [[noise(10)], [noise(20), noise(30)]];
    const chunks = pieces.map((raws) => raws.map((raw) => ({ id: keys.idOf(raw), length: raw.length })));
    for (const [piece, raws] of pieces.entries()) {
      const payload = concatBytes(raws);
      another.add({ chunks: chunks[piece] ?? [], payload, rawLength: payload.length, compressed: false });
    }
    expect(another.abandon()).toEqual(chunks.flat());
    expect(existsSync(path)).toBe(false);
  });

  test('is full with 16,384 chunks, however small they are', () => {
    const writer = openPack(join(temporaryFolder(), 'pack'));
    const held = Array.from({ length: 16_000 }, (_, chunk) => ({ id: idAt(noise(32, chunk), 0), length: 1 }));
    writer.add({ chunks: held, payload: new Uint8Array(16_000), rawLength: 16_000, compressed: false });
    expect([384, 385].map((count) => writer.fits(1_000, count))).toEqual([true, false]);
    writer.abandon();
  });
});
