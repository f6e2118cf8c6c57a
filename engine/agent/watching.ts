import type { Source, SourceState } from '../contract/index.ts';
import type { Watch, WatchEvent, Watcher } from '../filesystem/index.ts';
import type { Reach } from './reach.ts';

/** Follows the sources: which of them are there, and what of them may have changed. */
export type Watching = {
  /** Resolves when changes are heard. */
  follow(source: Source, reach: Reach): Promise<void>;
  unfollow(source: number): Promise<void>;
  modeOf(source: number): SourceState['watching'];
  /** Whether it is there at this moment; true of what is not followed. */
  isThere(source: number): boolean;
  close(): Promise<void>;
};

type Followed = { watch: Watch | null; isAbsent: boolean };

/** Where the watcher's marks of sources are kept; see `WatchOptions`. */
export type RootMarks = { read(source: number): string | null; write(source: number, mark: string): void };

export function createWatching(
  watcher: Watcher,
  marks: RootMarks,
  hear: (source: Source, event: WatchEvent) => void,
): Watching {
  const followed = new Map<number, Followed>();
  const unfollow = async (source: number): Promise<void> => {
    const known = followed.get(source);
    followed.delete(source);
    await known?.watch?.close();
  };
  return {
    async follow(source, { enters }) {
      const known: Followed = { watch: null, isAbsent: false };
      followed.set(source.id, known);
      const watch = await watcher.watch({
        root: source.path,
        enters,
        rootMark: marks.read(source.id),
        noteRoot: (mark) => marks.write(source.id, mark),
        hear(event) {
          if (event.kind === 'gone') known.isAbsent = true;
          if (event.kind === 'back') known.isAbsent = false;
          hear(source, event);
        },
      });
      // It was removed while the watch was made.
      if (followed.get(source.id) !== known) return await watch.close();
      known.watch = watch;
    },
    unfollow,
    modeOf(source) {
      const known = followed.get(source);
      if (known === undefined) return 'off';
      return known.isAbsent ? 'absent' : (known.watch?.mode ?? 'starting');
    },
    isThere: (source) => followed.get(source)?.watch?.isThere() ?? true,
    async close() {
      await Promise.all([...followed.keys()].map(unfollow));
    },
  };
}
