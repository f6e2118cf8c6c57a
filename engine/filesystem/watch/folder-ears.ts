/**
 * One native watch for each folder, as Linux wants it (a recursive one would take one per file there).
 *
 *   open:    watch the root, list it, the same for each folder in it
 *   event:   note the folder, and the name if an entry came or went
 *   settle:  say which folders changed; for each such name look what stands there now:
 *            gone → drop its subtree; a new folder → the same as open, then say that all of it changed
 *
 * A folder is watched before it is listed, so whatever is made in it is either listed or heard of. What was made in a new
 * one before it was watched is covered by the `deep` event, which is said last.
 */
import { systemCode } from '../../base/index.ts';
import { joinPath } from '../names.ts';
import { type Ears, type EarsOptions, look } from './ears.ts';
import { attach, detach, type Folder, makeFolder, pathOf } from './folder.ts';
import { limitOf } from './limit.ts';
import { Touched } from './touched.ts';

type Step = { readonly name: string; readonly parent: Folder | null };

export class FolderEars implements Ears {
  readonly #options: EarsOptions;
  readonly #touched: Touched<Folder>;
  #root: Folder | null = null;
  #watched = 0;
  /** Folders that may not be read: while there are any, a change of mode must be noticed. */
  #closedOff = 0;

  constructor(options: EarsOptions) {
    this.#options = options;
    this.#touched = new Touched(options.lost);
  }

  get folders(): number {
    return this.#watched;
  }

  async open(): Promise<void> {
    await this.#enter({ name: this.#options.root, parent: null });
  }

  async settle(): Promise<void> {
    for (const [folder, names] of this.#touched.take()) {
      if (folder.isDropped) continue; // where it went, or that it did, its parent tells
      this.#options.changed(pathOf(folder), false);
      for (const name of names) await this.#check(folder, name);
      if (this.#options.pace.isDue) await this.#options.pace.rest();
    }
  }

  async close(): Promise<void> {
    if (this.#root) await this.#drop(this.#root);
  }

  /** Brings what is watched in line with what stands at a name. */
  async #check(parent: Folder, name: string): Promise<void> {
    const { fileSystem, enters, changed, pace } = this.#options;
    if (pace.isDue) await pace.rest();
    const path = joinPath(pathOf(parent), name);
    const stat = look(fileSystem, path);
    const known = parent.below?.get(name);
    if (known?.native && !known.isDoubtful && stat?.kind === 'folder' && stat.inode === known.inode) return;
    if (known) await this.#drop(known);
    if (stat?.kind !== 'folder' || !enters(path)) return;
    await this.#enter({ name, parent });
    changed(path, true);
  }

  /** Watches a folder and all below it. */
  async #enter(first: Step): Promise<void> {
    const { enters, pace } = this.#options;
    const steps = [first];
    for (let step = steps.pop(); step; step = steps.pop()) {
      if (pace.isDue) await pace.rest();
      const path = step.parent ? joinPath(pathOf(step.parent), step.name) : step.name;
      const folder = this.#watch(step, path);
      if (!folder?.native) continue;
      for (const name of this.#list(path)) if (enters(joinPath(path, name))) steps.push({ name, parent: folder });
    }
  }

  /** Null when it has gone meanwhile: then an event of its parent is on its way. */
  #watch({ name, parent }: Step, path: string): Folder | null {
    const stat = look(this.#options.fileSystem, path);
    if (stat?.kind !== 'folder') return null;
    const folder = makeFolder(name, parent, stat.inode);
    try {
      folder.native = this.#options.system.watchFolder(
        path,
        (kind, entry) => this.#hear(folder, kind, entry),
        () => this.#fail(folder),
      );
      this.#watched++;
    } catch (error) {
      const code = systemCode(error);
      const limit = limitOf(error, this.#options.system);
      if (limit || code === '') throw limit ?? error;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      this.#options.log.debug('a folder cannot be watched', { path, code });
      this.#closedOff++;
    }
    attach(folder);
    if (!parent) this.#root = folder;
    return folder;
  }

  #list(path: string): string[] {
    try {
      return this.#options.system.subfolders(path);
    } catch (error) {
      if (systemCode(error) === '') throw error;
      return []; // gone, or may not be listed: a scan will say so
    }
  }

  #hear(folder: Folder, kind: 'change' | 'rename', name: string | null): void {
    this.#options.heard();
    if (name === null) return this.#options.lost();
    if (name === '.' && kind === 'rename') return this.#fail(folder);
    const matters = kind === 'rename' || (this.#closedOff > 0 && folder.below?.get(name)?.native === null);
    this.#touched.add(folder, matters ? name : null);
    this.#options.wake();
  }

  /** Nothing more will be heard from this folder. */
  #fail(folder: Folder): void {
    if (folder.isDropped) return;
    folder.isDoubtful = true;
    if (folder.parent) this.#touched.add(folder.parent, folder.name);
    else this.#options.doubt();
    this.#options.wake();
  }

  async #drop(first: Folder): Promise<void> {
    detach(first);
    const folders = [first];
    for (let folder = folders.pop(); folder; folder = folders.pop()) {
      folder.isDropped = true;
      if (folder.native) this.#watched--;
      else this.#closedOff--;
      folder.native?.close();
      folders.push(...(folder.below?.values() ?? []));
      if (this.#options.pace.isDue) await this.#options.pace.rest();
    }
  }
}
