import { later } from '../base/index.ts';

export type { FarPorts } from './far.ts';
export { makeLocalRoot } from './local/root.ts';
export { createLocalStore, type LocalStoreOptions } from './local/store.ts';
export { type OpenOptions, openStore, type StorePorts } from './open.ts';
export { type ByteRange, type Store, type StoreEntry, spoolStaleMs } from './port.ts';
export type { UploadFigures } from './upload/queue.ts';
export { createMemoryRecords, type Spooled, type UploadRecord, type UploadRecords } from './upload/records.ts';
export type { UploadOptions, UploadStore, Uploads } from './upload/store.ts';
export { parseStoreUrl, type StorePlace } from './url.ts';
export { backoffCeilingMs } from './with/backoff.ts';

/** Only far places need them. */
export const overNetwork = later(async () => (await import('./far.ts')).overNetwork);
export const withUploads = later(async () => (await import('./upload/store.ts')).withUploads);
