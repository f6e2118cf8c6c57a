import type { Clock, Random } from '../base/index.ts';
import type { FileSystem } from '../filesystem/index.ts';
import { makeLocalRoot } from './local/root.ts';
import { createLocalStore } from './local/store.ts';
import type { Store } from './port.ts';
import { parseStoreUrl, type StorePlace } from './url.ts';

export type StorePorts = {
  readonly fileSystem: FileSystem;
  readonly clock?: Clock;
  readonly random?: Random;
  /** See `LocalStoreOptions.owner`. */
  readonly owner?: string;
};

export type OpenOptions = {
  /** What to do where there is no such place: for a new vault it is made, else that is `store.missing`. */
  readonly whenMissing?: 'fail' | 'make';
};

export async function openStore(
  place: StorePlace | string,
  ports: StorePorts,
  options: OpenOptions = {},
): Promise<Store> {
  const { root } = typeof place === 'string' ? parseStoreUrl(place) : place;
  if (options.whenMissing === 'make') makeLocalRoot(root, ports.fileSystem);
  const store = createLocalStore({ root, ...ports });
  // Any question tells whether the place is there and a folder; this one is the cheapest.
  await store.stat('config');
  return store;
}
