export type { CallName, FaultOptions } from './faults.ts';
export { seededRandom } from './seeded-random.ts';
export { createSimulatedFileSystem, type SimulatedFileSystem, type SimulatedOptions } from './simulated.ts';
export {
  createSimulatedWatcher,
  type SimulatedWatcher,
  type SimulatedWatcherOptions,
  type WatcherFaults,
} from './watcher.ts';
