/**
 * One native recursive watch for the whole root, as macOS (FSEvents) and Windows have it: nothing to walk, and no memory for
 * each folder. A folder that comes or is renamed with all its content is a single event there, so it is said to be changed
 * deep. Windows tells of lost events by one without a name; macOS by nothing that Node passes on.
 */
import { joinPath, splitPath } from '../names.ts';
import { type Ears, type EarsOptions, look } from './ears.ts';
import { limitOf } from './limit.ts';
import type { NativeWatch } from './system.ts';
import { Touched } from './touched.ts';

export class TreeEars implements Ears {
  readonly #options: EarsOptions;
  readonly #separator: string;
  /** By path relative to the root, '' for the root itself. */
  readonly #touched: Touched<string>;
  #native: NativeWatch | null = null;

  constructor(options: EarsOptions, separator: '/' | '\\') {
    this.#options = options;
    this.#separator = separator;
    this.#touched = new Touched(options.lost);
  }

  get folders(): number {
    return this.#native ? 1 : 0;
  }

  async open(): Promise<void> {
    const { root, system, log } = this.#options;
    try {
      this.#native = system.watchTree(
        root,
        (kind, name) => this.#hear(kind, name),
        () => this.#options.doubt(),
      );
    } catch (error) {
      const limit = limitOf(error, system);
      if (limit) throw limit;
      log.debug('a folder cannot be watched', { path: root, error: String(error) });
    }
  }

  async settle(): Promise<void> {
    const { fileSystem, changed, pace } = this.#options;
    const entered = new Map([['', true]]);
    for (const [folder, names] of this.#touched.take()) {
      if (!this.#enters(folder, entered)) continue;
      changed(this.#pathOf(folder), false);
      for (const name of names) {
        if (pace.isDue) await pace.rest();
        const below = folder === '' ? name : joinPath(folder, name);
        if (look(fileSystem, this.#pathOf(below))?.kind !== 'folder' || !this.#enters(below, entered)) continue;
        changed(this.#pathOf(below), true);
      }
    }
  }

  async close(): Promise<void> {
    this.#native?.close();
    this.#native = null;
  }

  #hear(kind: 'change' | 'rename', name: string | null): void {
    this.#options.heard();
    if (name === null) return this.#options.lost();
    const { folder, name: entry } = splitPath(this.#separator === '/' ? name : name.replaceAll('\\', '/'));
    this.#touched.add(folder, kind === 'rename' ? entry : null);
    this.#options.wake();
  }

  /** The system tells of everything, so what is left out is left out here: a folder counts if all above it are entered. */
  #enters(folder: string, entered: Map<string, boolean>): boolean {
    const known = entered.get(folder);
    if (known !== undefined) return known;
    const enters = this.#enters(splitPath(folder).folder, entered) && this.#options.enters(this.#pathOf(folder));
    entered.set(folder, enters);
    return enters;
  }

  #pathOf(folder: string): string {
    return folder === '' ? this.#options.root : joinPath(this.#options.root, folder);
  }
}
