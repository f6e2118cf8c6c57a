import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AssertionError, CofferError, type ErrorCode, equalBytes, utf8 } from '../../engine/base/index.ts';
import type { Store } from '../../engine/storage/index.ts';

export type StoreUnderTest = {
  readonly store: Store;
  /** Makes a file with durable bytes that the store can adopt; returns its path. */
  readonly makeFile: (bytes: Uint8Array) => string;
  readonly fileIsThere: (path: string) => boolean;
  readonly dispose: () => Promise<void> | void;
  /** A store that repeats calls cannot tell an equal object from its own one whose answer was lost. */
  readonly takesEqualForOwn?: boolean;
  /** A store with a spool hears of an object in the place of an adopted one only when it is sent: `flush` tells. */
  readonly hearsLater?: boolean;
};

const hashOf = (digit: string, first = 'ab'): string => first + digit.repeat(62);

/** Keys of every kind, in no order. */
export const keysOfAllKinds = [
  `snapshots/${'0'.repeat(32)}/0000000001-${hashOf('1')}`,
  `packs/ff/${hashOf('1', 'ff')}`,
  'config',
  `refs/${hashOf('1')}`,
  `keys/${hashOf('1')}`,
  `packs/ab/${hashOf('2')}`,
  `heads/${'b'.repeat(32)}/0000000010`,
  `heads/${'b'.repeat(32)}/0000000009`,
  `index/${hashOf('3')}`,
  `packs/ab/${hashOf('1')}`,
] as const;

const packKey = `packs/ab/${hashOf('5')}`;
const bytes = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 17) % 251);

/** The framework's own comparison takes seconds for a million bytes. */
export function expectSame(got: Uint8Array, wanted: Uint8Array): void {
  expect(got.length).toBe(wanted.length);
  expect(equalBytes(got, wanted)).toBe(true);
}

export async function expectCode(action: Promise<unknown>, code: ErrorCode): Promise<CofferError> {
  const error = await action.then(
    () => 'no error at all',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CofferError);
  // Checked by the line above.
  const cofferError = error as CofferError;
  expect(cofferError.code).toBe(code);
  return cofferError;
}

export async function keysOf(store: Store, prefix = ''): Promise<string[]> {
  return Array.fromAsync(store.listKeys(prefix));
}

/** What every store does, whatever it is made of. `make` gives an empty one each time. */
export function storeContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`the store contract: ${name}`, () => {
    let under: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      under = await make();
      store = under.store;
    });
    afterEach(async () => {
      await store.close();
      await under.dispose();
    });

    readingBack(() => store);
    writtenOnce(() => under);
    adopting(() => under);
    listing(() => store);
    deleting(() => store);
    keysAndSignals(() => under);
  });
}

function readingBack(store: () => Store): void {
  test.each([0, 1, 4096, 1_100_003])('gives back the %i bytes it was given', async (length) => {
    await store().put(packKey, bytes(length));
    expectSame(await store().get(packKey), bytes(length));
    expect(await store().stat(packKey)).toEqual({ key: packKey, size: length });
  });

  test('gives back any range of an object', async () => {
    await store().put(packKey, bytes(1000));
    for (const [offset, length] of [
      [0, 1000],
      [0, 0],
      [1000, 0],
      [999, 1],
      [17, 500],
    ] as const) {
      expectSame(await store().get(packKey, { offset, length }), bytes(1000).slice(offset, offset + length));
    }
  });

  test.each([
    [0, 1001],
    [1000, 1],
    [5000, 0],
    [500, 501],
  ] as const)('calls an object damaged that ends before the range %i + %i', async (offset, length) => {
    await store().put(packKey, bytes(1000));
    await expectCode(store().get(packKey, { offset, length }), 'object.damaged');
  });

  test('keeps its own copy: neither side sees what the other does to its bytes', async () => {
    const given = bytes(100);
    await store().put(packKey, given);
    given.fill(0);
    const got = await store().get(packKey);
    expectSame(got, bytes(100));
    got.fill(0);
    expectSame(await store().get(packKey), bytes(100));
  });

  test('gives bytes that are alone in their buffer', async () => {
    await store().put(packKey, bytes(1000));
    const got = await store().get(packKey, { offset: 10, length: 20 });
    expect(got.byteOffset).toBe(0);
    expect(got.buffer.byteLength).toBe(20);
    expect(got.constructor).toBe(Uint8Array);
  });

  test('says that an object is missing', async () => {
    const error = await expectCode(store().get(packKey), 'store.objectMissing');
    expect(error.context.key).toBe(packKey);
    expect(await store().stat(packKey)).toBeNull();
  });

  test('still has everything after flush and settle, which may be called twice', async () => {
    await store().flush();
    for (const key of keysOfAllKinds) await store().put(key, utf8(key));
    await store().flush();
    await store().flush();
    await store().settle();
    for (const key of keysOfAllKinds) expectSame(await store().get(key), utf8(key));
  });
}

function writtenOnce(under: () => StoreUnderTest): void {
  test('never replaces an object by another', async () => {
    const { store } = under();
    await store.put(packKey, bytes(100, 1));
    await expectCode(store.put(packKey, bytes(100, 2)), 'store.objectExists');
    expectSame(await store.get(packKey), bytes(100, 1));
  });

  test('refuses even the same bytes a second time', async () => {
    const { store } = under();
    await store.put(packKey, bytes(100, 1));
    if (under().takesEqualForOwn) return;
    await expectCode(store.put(packKey, bytes(100, 1)), 'store.objectExists');
  });

  test('lets exactly one of several that write the same key at once win', async () => {
    const { store } = under();
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((seed) => store.put(packKey, bytes(5000, seed))));
    const winners = outcomes.flatMap((outcome, at) => (outcome.status === 'fulfilled' ? [at + 1] : []));
    expect(winners).toHaveLength(1);
    expectSame(await store.get(packKey), bytes(5000, winners[0]));
  });
}

function adopting(under: () => StoreUnderTest): void {
  test('adopts a file: the object is whole and the file is gone', async () => {
    const path = under().makeFile(bytes(70_000));
    await under().store.adopt(packKey, path);
    expectSame(await under().store.get(packKey), bytes(70_000));
    expect(under().fileIsThere(path)).toBe(false);
  });

  test('refuses to adopt in place of an object and leaves the file', async () => {
    await under().store.put(packKey, bytes(100, 1));
    const path = under().makeFile(bytes(90, 2));
    if (under().hearsLater) {
      await under().store.adopt(packKey, path);
      await expectCode(under().store.flush(), 'upload.damaged');
      return expectSame(await under().store.get(packKey), bytes(100, 1));
    }
    await expectCode(under().store.adopt(packKey, path), 'store.objectExists');
    expectSame(await under().store.get(packKey), bytes(100, 1));
    expect(under().fileIsThere(path)).toBe(true);
  });

  test('fails to adopt a file that is not there, and makes no object', async () => {
    const path = under().makeFile(bytes(10));
    await under().store.adopt(packKey, path);
    const other = `packs/ab/${hashOf('6')}`;
    await expect(under().store.adopt(other, path)).rejects.toThrow();
    expect(await keysOf(under().store)).toEqual([packKey]);
  });
}

function listing(store: () => Store): void {
  test('lists nothing where there is nothing', async () => {
    expect(await keysOf(store())).toEqual([]);
    expect(await keysOf(store(), 'packs/')).toEqual([]);
  });

  test('lists every object once, in the order of keys, with its size', async () => {
    for (const [at, key] of keysOfAllKinds.entries()) await store().put(key, bytes(at));
    const sorted = [...keysOfAllKinds].sort();
    expect(await keysOf(store())).toEqual(sorted);
    expect(await Array.fromAsync(store().list(''))).toEqual(
      sorted.map((key) => ({ key, size: keysOfAllKinds.indexOf(key) })),
    );
  });

  test.each([
    'packs/',
    'packs/a',
    'packs/ab/',
    'heads/',
    `heads/${'b'.repeat(32)}/0000000009`,
    'c',
    'index',
    'zzz',
    'packs/ff/ff1',
  ])('lists what begins with %s and nothing else', async (prefix) => {
    for (const key of keysOfAllKinds) await store().put(key, bytes(3));
    const expected = keysOfAllKinds.filter((key) => key.startsWith(prefix)).sort();
    expect(await keysOf(store(), prefix)).toEqual(expected);
    expect((await Array.fromAsync(store().list(prefix))).map((entry) => entry.key)).toEqual(expected);
  });

  test('can be left in the middle of a listing', async () => {
    for (const key of keysOfAllKinds) await store().put(key, bytes(3));
    for await (const entry of store().list('')) {
      expect(entry.key).toBe('config');
      break;
    }
    expect(await keysOf(store())).toHaveLength(keysOfAllKinds.length);
  });
}

function deleting(store: () => Store): void {
  test('deletes an object, after which the key is free', async () => {
    await store().put(packKey, bytes(10, 1));
    await store().delete(packKey);
    expect(await store().stat(packKey)).toBeNull();
    expect(await keysOf(store())).toEqual([]);
    await store().put(packKey, bytes(10, 2));
    await store().flush();
    expectSame(await store().get(packKey), bytes(10, 2));
  });

  test('takes the deletion of a missing object for done', async () => {
    await store().delete(packKey);
    await store().flush();
  });
}

function keysAndSignals(under: () => StoreUnderTest): void {
  test.each([
    '',
    'packs',
    '../escape',
    'packs/../config',
    `packs/cd/${hashOf('1')}`,
    'tmp/x',
    '/config',
    'Config',
    'config/',
  ])('takes %j for a mistake of ours, not for a key', async (key) => {
    await expect(under().store.put(key, bytes(1))).rejects.toThrow(AssertionError);
    await expect(under().store.get(key)).rejects.toThrow(AssertionError);
    await expect(under().store.delete(key)).rejects.toThrow(AssertionError);
  });

  test('does nothing once it was told to stop', async () => {
    await under().store.put('config', bytes(5));
    const path = under().makeFile(bytes(5));
    const reason = new CofferError('cancelled');
    const signal = AbortSignal.abort(reason);
    const { store } = under();
    await expect(store.put(packKey, bytes(5), signal)).rejects.toBe(reason);
    await expect(store.adopt(packKey, path, signal)).rejects.toBe(reason);
    await expect(store.delete('config', signal)).rejects.toBe(reason);
    await expect(store.get('config', undefined, signal)).rejects.toBe(reason);
    await expect(Array.fromAsync(store.list('', signal))).rejects.toBe(reason);
    expect(await keysOf(store)).toEqual(['config']);
    expect(under().fileIsThere(path)).toBe(true);
  });

  test('makes its spool usable', async () => {
    await under().store.prepareSpool('me');
    expect(await under().store.prepareSpool('me')).toBe(0);
    expect(await keysOf(under().store)).toEqual([]);
  });
}
