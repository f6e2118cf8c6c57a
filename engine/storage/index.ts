export { makeLocalRoot } from './local/root.ts';
export { createLocalStore, type LocalStoreOptions } from './local/store.ts';
export { type OpenOptions, openStore, type StorePorts } from './open.ts';
export { type ByteRange, type Store, type StoreEntry, spoolStaleMs } from './port.ts';
export { parseStoreUrl, type StorePlace } from './url.ts';
export { backoffCeilingMs } from './with/backoff.ts';
