import type { Clock, Log, Random } from '../../base/index.ts';
import { CofferError } from '../../base/index.ts';
import { type FileSystem, readWhole } from '../../filesystem/index.ts';
import { assertKey, assertPrefix } from '../keys.ts';
import type { ByteRange, Store, StoreEntry } from '../port.ts';
import { resolveRange } from '../range.ts';
import { createQueue, type UploadFigures } from './queue.ts';
import type { UploadRecords } from './records.ts';
import { createSpool } from './spool.ts';

/** What waits for a far place, beside the store that takes it. */
export type Uploads = {
  readonly figures: UploadFigures;
  /** Something that was adopted is lost: nothing may refer to it, and `flush` will say so once all else is confirmed. */
  readonly isDamaged: boolean;
  /** Bytes per second of what was sent since it was opened; null while that was too little to tell. */
  readonly rate: number | null;
  /** Abandons whatever is under way; it waits in the spool for the next time. Everybody who waits hears the reason. */
  stop(reason: unknown): void;
};

export type UploadStore = Store & { readonly uploads: Uploads };

export type UploadOptions = {
  /** On this computer, of this vault and this place alone; one process at a time. */
  readonly folder: string;
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly records: UploadRecords;
  /** Something has been spooled, confirmed, or has failed. */
  readonly onChange?: () => void;
};

/**
 * A far place with a spool on this computer: what is adopted counts as soon as it lies there, and is sent beside whatever
 * else goes on.
 *
 *     adopt ─► spool ─► (senders) ─► place ─► confirmed: gone from the spool
 *     flush, settle: when all that waits is confirmed, the place's own
 *
 * Spool and place together are the store: what a run that was killed has sealed is listed, read, and sent first of all.
 * `put` and `delete` go straight to the place, so whoever writes a reference flushes before it, as everywhere. That an
 * object was there already under another content is heard of by `flush`, not by `adopt`.
 */
export function withUploads(place: Store, options: UploadOptions): UploadStore {
  const { folder, fileSystem, clock } = options;
  const spool = createSpool({ folder, fileSystem, clock });
  const queue = createQueue({ ...options, place, spool, onChange: options.onChange ?? (() => {}) });

  const spooled = (key: string, range: ByteRange | undefined): Uint8Array | null => {
    const object = queue.get(key);
    const bytes = object === undefined ? null : readWhole(fileSystem, object.path);
    if (bytes === null) return null; // perhaps confirmed just now
    const { offset, length } = resolveRange(key, bytes.length, range);
    return bytes.slice(offset, offset + length);
  };
  /** In the order of keys; what is sent while it is listed stands in both and counts once. */
  async function* merged<T>(
    items: AsyncIterable<T>,
    keyOf: (item: T) => string,
    { prefix, local }: { readonly prefix: string; readonly local: (key: string) => T },
  ): AsyncGenerator<T> {
    assertPrefix(prefix);
    const mine = queue
      .keys()
      .filter((key) => key.startsWith(prefix))
      .map((key) => ({ key, item: local(key) }));
    let at = 0;
    for await (const item of items) {
      const key = keyOf(item);
      for (let next = mine[at]; next !== undefined && next.key < key; next = mine[++at]) yield next.item;
      if (mine[at]?.key === key) at++;
      yield item;
    }
    for (let next = mine[at]; next !== undefined; next = mine[++at]) yield next.item;
  }
  const entryOf = (key: string): StoreEntry => ({ key, size: queue.get(key)?.bytes ?? 0 });

  return {
    ...place,
    spool: folder,
    uploads: {
      get figures() {
        return queue.figures;
      },
      get isDamaged() {
        return queue.isDamaged;
      },
      get rate() {
        return queue.rate;
      },
      stop: queue.stop,
    },
    list: (prefix, signal) => merged(place.list(prefix, signal), ({ key }) => key, { prefix, local: entryOf }),
    listKeys: (prefix, signal) => merged(place.listKeys(prefix, signal), (key) => key, { prefix, local: (key) => key }),
    async get(key, range, signal) {
      assertKey(key);
      signal?.throwIfAborted();
      return spooled(key, range) ?? place.get(key, range, signal);
    },
    async stat(key, signal) {
      assertKey(key);
      signal?.throwIfAborted();
      return queue.get(key) === undefined ? place.stat(key, signal) : entryOf(key);
    },
    async put(key, bytes, signal) {
      assertKey(key);
      signal?.throwIfAborted();
      if (queue.get(key) !== undefined) throw new CofferError('store.objectExists', { key, store: place.url });
      await place.put(key, bytes, signal);
    },
    async adopt(key, path, signal) {
      assertKey(key);
      signal?.throwIfAborted();
      if (queue.get(key) !== undefined) throw new CofferError('store.objectExists', { key, store: place.url });
      queue.add(spool.take(key, path));
      await queue.room(signal);
    },
    async flush(signal) {
      await queue.confirmed(signal);
      await place.flush(signal);
    },
    async settle(signal) {
      await queue.confirmed(signal);
      await place.settle(signal);
    },
    async delete(key, signal) {
      assertKey(key);
      signal?.throwIfAborted();
      queue.drop(key);
      await place.delete(key, signal);
    },
    prepareSpool: async (owner, staleMs) => spool.prepare(owner, staleMs),
    async close() {
      queue.stop(new CofferError('cancelled'));
      await place.close();
    },
  };
}
