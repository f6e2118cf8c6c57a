import type { Log } from '../../base/index.ts';
import type { FileStat, FileSystem } from '../port.ts';
import type { WatchSystem } from './system.ts';
import type { Pace } from './turns.ts';

/** What hears one root from when it appears until it goes. `open`, `settle` and `close` are called one at a time. */
export type Ears = {
  readonly folders: number;
  /** Resolves when everything there is heard. Throws WatchLimit when there is no room. */
  open(): Promise<void>;
  /** Looks at what was heard since the last time, and says what changed. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

export type EarsOptions = {
  readonly root: string;
  readonly enters: (folder: string) => boolean;
  readonly changed: (folder: string, deep: boolean) => void;
  /** Each native event, before anything else is done with it. */
  readonly heard: () => void;
  /** There is something to settle. */
  readonly wake: () => void;
  /** The root itself may have gone or been replaced: these ears hear no more. */
  readonly doubt: () => void;
  /** Events were lost. */
  readonly lost: () => void;
  readonly fileSystem: FileSystem;
  readonly system: WatchSystem;
  readonly pace: Pace;
  readonly log: Log;
};

/** Null when it cannot be asked too: whatever then becomes of it, an event or the next scan tells. */
export function look(fileSystem: FileSystem, path: string): FileStat | null {
  try {
    return fileSystem.lstatIfThere(path);
  } catch {
    return null;
  }
}
