/**
 * A watcher for tests: it hears what the test emits, and on request loses, delays and repeats some of it, as systems do.
 * The same seed and the same calls give the same faults.
 */
import type { Clock, Random } from '../../base/index.ts';
import { joinPath, splitPath } from '../names.ts';
import type { Watch, WatchEvent, Watcher, WatchOptions } from '../watch/index.ts';
import { seededRandom } from './seeded-random.ts';

export type WatcherFaults = {
  /** Of a thousand events, how many are lost, and how many come twice. */
  readonly losePerMille?: number;
  readonly repeatPerMille?: number;
  /** Events come after up to so long, and so in another order than they were emitted. */
  readonly delayMsMax?: number;
};

export type SimulatedWatcher = Watcher & {
  /** Roots that are watched now. */
  readonly roots: readonly string[];
  /** To the watches of a root, or to all. `gone` and `limit` make them scan, `back` makes them hear again; these are never lost. */
  emit(event: WatchEvent, root?: string): void;
  /** Something changed at a path: told to each watch whose root it lies in, unless a folder on the way is left out. */
  changed(path: string): void;
  setFaults(faults: WatcherFaults): void;
};

export type SimulatedWatcherOptions = { readonly clock: Clock; readonly seed?: number };

export function createSimulatedWatcher({ clock, seed = 1 }: SimulatedWatcherOptions): SimulatedWatcher {
  const random = seededRandom(seed);
  const watches = new Set<SimulatedWatch>();
  let faults: WatcherFaults = {};

  const deliver = (watch: SimulatedWatch, event: WatchEvent): void => {
    const copies = watch.take(event) ? copiesOf(event, faults, random) : 0;
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = random.integer((faults.delayMsMax ?? 0) + 1);
      if (delayMs === 0) watch.hear(event);
      else void clock.sleep(delayMs).then(() => watch.hear(event));
    }
  };

  return {
    watch: async (options) => {
      const watch = new SimulatedWatch(options, () => watches.delete(watch));
      watches.add(watch);
      return watch;
    },
    get roots() {
      return [...watches].map((watch) => watch.root);
    },
    emit: (event, root) => {
      for (const watch of [...watches]) if (root === undefined || watch.root === root) deliver(watch, event);
    },
    changed: (path) => {
      const { folder } = splitPath(path);
      for (const watch of [...watches]) if (watch.hears(path)) deliver(watch, { kind: 'changed', folder });
    },
    setFaults: (next) => {
      faults = next;
    },
  };
}

/** Only hints get lost: what the watch itself finds out it says once. */
function copiesOf(event: WatchEvent, faults: WatcherFaults, random: Random): number {
  if (event.kind !== 'changed' && event.kind !== 'overflow') return 1;
  if (random.integer(1000) < (faults.losePerMille ?? 0)) return 0;
  return random.integer(1000) < (faults.repeatPerMille ?? 0) ? 2 : 1;
}

class SimulatedWatch implements Watch {
  readonly #options: WatchOptions;
  readonly #closed: () => void;
  #isOpen = true;
  #isGone = false;
  #isLimited = false;

  constructor(options: WatchOptions, closed: () => void) {
    this.#options = options;
    this.#closed = closed;
  }

  get root(): string {
    return this.#options.root;
  }

  get mode(): 'events' | 'scanning' {
    return this.#isOpen && !this.#isGone && !this.#isLimited ? 'events' : 'scanning';
  }

  get folders(): number {
    return this.mode === 'events' ? 1 : 0;
  }

  isThere(): boolean {
    return !this.#isGone;
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#closed();
  }

  /** Whether a real watch would say this now. */
  take(event: WatchEvent): boolean {
    if (event.kind === 'limit') {
      const isNew = !this.#isLimited;
      this.#isLimited = true;
      return isNew;
    }
    if (event.kind === 'gone' || event.kind === 'back') {
      const isNew = this.#isGone !== (event.kind === 'gone');
      this.#isGone = event.kind === 'gone';
      return isNew;
    }
    return this.mode === 'events';
  }

  hear(event: WatchEvent): void {
    if (this.#isOpen) this.#options.hear(event);
  }

  hears(path: string): boolean {
    const { root, enters } = this.#options;
    if (path === root) return true;
    if (!path.startsWith(joinPath(root, ''))) return false;
    for (let { folder } = splitPath(path); folder.length > root.length; { folder } = splitPath(folder)) {
      if (!enters(folder)) return false;
    }
    return true;
  }
}
