export type { Watch, WatchEvent, Watcher, WatchOptions } from './port.ts';
export { createWatcher } from './watcher.ts';
