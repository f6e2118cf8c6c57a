import { limits } from '../../base/index.ts';

/** Folders with something heard since the last look, and the names in them that came or went. */
export class Touched<Folder> {
  readonly #overfull: () => void;
  #names = new Map<Folder, Set<string>>();
  #count = 0;

  constructor(overfull: () => void) {
    this.#overfull = overfull;
  }

  /** A null name: something in the folder changed that needs no look. */
  add(folder: Folder, name: string | null): void {
    let names = this.#names.get(folder);
    if (!names) {
      names = new Set();
      this.#names.set(folder, names);
    }
    if (name === null || names.has(name) || this.#count > limits.watchNames) return;
    names.add(name);
    if (++this.#count > limits.watchNames) this.#overfull();
  }

  take(): ReadonlyMap<Folder, ReadonlySet<string>> {
    const taken = this.#names;
    this.#names = new Map();
    this.#count = 0;
    return taken;
  }
}
