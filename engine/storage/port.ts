export type StoreEntry = { readonly key: string; readonly size: number };
export type ByteRange = { readonly offset: number; readonly length: number };

/**
 * A place that keeps a vault's objects: immutable bytes under the keys of FORMAT.md section 2 (`keys.ts`).
 *
 * The contract (test/contract/store.ts runs it against every implementation):
 * - When `put` and `adopt` return, the object's bytes are durable; its name is durable after the next `flush`. After a
 *   power cut before that, the object is there whole or not at all.
 * - They never replace an object: `store.objectExists`. After any error the object is there whole (its answer was lost) or
 *   not at all, and a file that was to be adopted is still where it was unless it became the object.
 * - A reader sees an object whole or not at all.
 * - A missing object is `store.objectMissing`; everything else that fails is `store.full`, `store.denied`,
 *   `store.missing`, `store.notAFolder` or `store.failed`. A listing that fails part-way throws; it never ends early.
 * - Listings come in the order of their keys, and hold nothing but objects of the format.
 * - A range that reaches beyond the object is `object.damaged`.
 * - A failed `flush` is final for this store: names may be lost, and asking again could hear a success that means nothing.
 *   Open the store anew and start from what it then holds, beginning with `settle`.
 * - `signal` is checked before every write; the error is its reason.
 */
export type Store = {
  /** How the person calls it: a path or a URL without secrets. */
  readonly url: string;
  /**
   * A folder on the store's own file system where a sealed pack can be written, so that `adopt` is a rename; else null.
   * It exists after `prepareSpool`. File names in it begin with the owner's prefix and a hyphen.
   */
  readonly spool: string | null;
  /** Objects whose keys begin with `prefix`, with sizes. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<StoreEntry>;
  /** The same without sizes: several times quicker where each size is a question of its own. */
  listKeys(prefix: string, signal?: AbortSignal): AsyncIterable<string>;
  /** The bytes are the caller's own, alone in their buffer, so that it may be transferred. */
  get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array>;
  /** Null when there is no such object. */
  stat(key: string, signal?: AbortSignal): Promise<StoreEntry | null>;
  put(key: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Takes over a file whose bytes are already durable (fsynced) at `path`; the file is gone from there afterwards. */
  adopt(key: string, path: string, signal?: AbortSignal): Promise<void>;
  /** Makes all names durable that `put`, `adopt` and `delete` changed before. */
  flush(signal?: AbortSignal): Promise<void>;
  /**
   * Makes durable also what earlier runs left: a killed run's objects are visible but their names may not have reached the
   * disk. To be called before a reference to an object is written that this run found instead of storing it.
   */
  settle(signal?: AbortSignal): Promise<void>;
  /** Only for key slots, and for what a sweep has marked. A missing object is not an error. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
  /**
   * Makes the spool usable and removes what earlier runs left in it: files of this owner always (so: only while no run of
   * this owner writes), those of others when older than `staleMs`. Returns how many were removed.
   */
  prepareSpool(owner: string, staleMs?: number): Promise<number>;
  /** Makes nothing durable that was not so before: whoever wrote has heard by then what became of it. */
  close(): Promise<void>;
};

/** A run of another owner that lasts longer than this loses its open packs, and does them again. */
export const spoolStaleMs = 7 * 24 * 3600 * 1000;
