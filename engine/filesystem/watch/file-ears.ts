/** A root that is a single file: its folder is watched, because saving a file often puts a new one in its place. */
import { splitPath } from '../names.ts';
import type { Ears, EarsOptions } from './ears.ts';
import { limitOf } from './limit.ts';
import type { NativeWatch } from './system.ts';

export class FileEars implements Ears {
  readonly #options: EarsOptions;
  readonly #folder: string;
  readonly #name: string;
  #native: NativeWatch | null = null;
  #changed = false;

  constructor(options: EarsOptions) {
    this.#options = options;
    const { folder, name } = splitPath(options.root);
    this.#folder = folder;
    this.#name = name;
  }

  get folders(): number {
    return this.#native ? 1 : 0;
  }

  async open(): Promise<void> {
    const { system, log } = this.#options;
    try {
      this.#native = system.watchFolder(
        this.#folder,
        (kind, name) => this.#hear(kind, name),
        () => this.#options.doubt(),
      );
    } catch (error) {
      const limit = limitOf(error, system);
      if (limit) throw limit;
      log.debug('the folder of a file cannot be watched', { path: this.#folder, error: String(error) });
    }
  }

  async settle(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    this.#options.changed(this.#folder, false);
  }

  async close(): Promise<void> {
    this.#native?.close();
    this.#native = null;
  }

  #hear(kind: 'change' | 'rename', name: string | null): void {
    this.#options.heard();
    if (name === null) return this.#options.lost();
    if (name === '.' && kind === 'rename') return this.#options.doubt();
    if (name !== this.#name) return;
    this.#changed = true;
    this.#options.wake();
  }
}
