import { type Clock, type Log, limits } from '../../base/index.ts';
import type { Answering } from '../answering.ts';
import type { FileSystem } from '../port.ts';
import type { Ears, EarsOptions } from './ears.ts';
import { FileEars } from './file-ears.ts';
import { FolderEars } from './folder-ears.ts';
import type { Watcher, WatchOptions } from './port.ts';
import { Presence } from './presence.ts';
import { type EarsSignals, RootWatch } from './root-watch.ts';
import { realWatchSystem, type WatchSystem } from './system.ts';
import { TreeEars } from './tree-ears.ts';
import { Burst, Pace } from './turns.ts';

export type WatcherPorts = {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  /** As `process.platform` says it. */
  readonly platform: string;
  readonly log: Log;
  /** Asked before a root is touched; where it is left out, none hangs. */
  readonly answering?: Answering;
  /** The real one unless a test brings another. */
  readonly system?: WatchSystem;
};

/** One for a process: its watches share one queue of the kernel, so they lose events together. */
export function createWatcher(ports: WatcherPorts): Watcher {
  const { fileSystem, clock, platform, log, system = realWatchSystem, answering } = ports;
  const watches = new Set<RootWatch>();
  const queueEvents = system.setting('fs.inotify.max_queued_events') ?? limits.watchQueueEvents;
  const burst = new Burst(clock, queueEvents, () => {
    log.debug('events of changed files were lost', { roots: watches.size });
    for (const watch of watches) watch.lose();
  });

  return {
    watch: async ({ root, enters, hear, rootMark = null, noteRoot = () => {} }: WatchOptions) => {
      const pace = new Pace(clock);
      const makeEars = (isFolder: boolean, signals: EarsSignals): Ears =>
        earsFor(platform, isFolder, {
          ...{ root, enters, fileSystem, system, pace, log, ...signals },
          heard: () => burst.heard(),
          changed: (folder, deep) => hear(deep ? { kind: 'changed', folder, deep } : { kind: 'changed', folder }),
        });
      const presence = new Presence(root, fileSystem, system, { mark: rootMark, note: noteRoot });
      const watch = new RootWatch({
        ...{ presence, makeEars, hear, clock, pace },
        answers: async () => (await answering?.ask(root)) ?? true,
        hangs: () => (answering?.hangsSince(root) ?? null) !== null,
      });
      watches.add(watch);
      await watch.start();
      return {
        get mode() {
          return watch.mode;
        },
        get folders() {
          return watch.folders;
        },
        isThere: () => watch.isThere(),
        close: () => {
          watches.delete(watch);
          return watch.close();
        },
      };
    },
  };
}

function earsFor(platform: string, isFolder: boolean, options: EarsOptions): Ears {
  if (!isFolder) return new FileEars(options);
  if (platform === 'darwin') return new TreeEars(options, '/');
  if (platform === 'win32') return new TreeEars(options, '\\');
  return new FolderEars(options);
}
