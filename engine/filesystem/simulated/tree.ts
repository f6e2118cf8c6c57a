/**
 * The folders of a simulated file system, and which of their entries would survive a loss of power.
 *
 * Every change of entries is one operation (a rename changes two or three entries at once). Until its folder is synced an
 * operation is pending. Losing power keeps any set of pending operations in which each stands on the kept ones before it.
 */
import type { Random } from '../../base/index.ts';
import type { FileKind } from '../port.ts';
import { systemError } from '../system-error.ts';
import { FileContent } from './content.ts';

/** Replaced as a whole by every change, so that the synced one can be kept beside the current. */
export type Attributes = {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Moment;
  readonly ctime: Moment;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
};

export type Moment = { readonly seconds: number; readonly nanoseconds: number };

export type Node = {
  readonly inode: number;
  readonly kind: FileKind;
  readonly content: FileContent;
  readonly entries: Map<string, Node>;
  readonly target: string;
  readonly major: number;
  readonly minor: number;
  parent: Node | null;
  volume: Volume;
  links: number;
  openFiles: number;
  attributes: Attributes;
  syncedAttributes: Attributes;
};

export type Volume = { readonly device: number; readonly kind: string };

type Change = {
  readonly folder: Node;
  readonly name: string;
  readonly before: Node | null;
  readonly after: Node | null;
};
type Operation = { readonly changes: readonly Change[]; needs: Operation[]; isDurable: boolean };

/** As many links in one path as Linux follows. */
const linksMax = 40;

export class Tree {
  readonly root: Node;
  #inodes = 1;
  #pending: Operation[] = [];
  #latest = new Map<Node, Map<string, Operation>>();

  constructor(attributes: Attributes, volume: Volume) {
    this.root = this.make('folder', attributes, volume);
    this.root.parent = this.root;
    this.root.links = 1;
  }

  make(
    kind: FileKind,
    attributes: Attributes,
    volume: Volume,
    rest: Partial<Pick<Node, 'target' | 'major' | 'minor'>> = {},
  ): Node {
    return {
      inode: this.#inodes++,
      kind,
      content: new FileContent(),
      entries: new Map(),
      target: '',
      major: 0,
      minor: 0,
      ...rest,
      parent: null,
      volume,
      links: 0,
      openFiles: 0,
      attributes,
      syncedAttributes: attributes,
    };
  }

  /** The node at a path, or null; links on the way are followed, one at the end only when asked. */
  find(path: string, { follow = false } = {}): Node | null {
    return this.#walk(this.root, path, follow, { left: linksMax, path });
  }

  /** The folder that holds, or would hold, the last part of a path. */
  place(path: string, syscall: string): { readonly folder: Node; readonly name: string; readonly node: Node | null } {
    const parts = path.split('/').filter((part) => part !== '');
    const name = parts.pop() ?? '';
    const folder = this.#walk(this.root, `${parts.join('/')}/`, true, { left: linksMax, path });
    if (!folder || name === '') throw systemError(folder ? 'EINVAL' : 'ENOENT', syscall, path);
    if (folder.kind !== 'folder') throw systemError('ENOTDIR', syscall, path);
    if (name.length > 63 && Buffer.byteLength(name) > 255) throw systemError('ENAMETOOLONG', syscall, path);
    return { folder, name, node: folder.entries.get(name) ?? null };
  }

  change(changes: readonly Omit<Change, 'before'>[]): void {
    const done = changes.map((change) => ({ ...change, before: change.folder.entries.get(change.name) ?? null }));
    const operation: Operation = { changes: done, needs: [], isDurable: false };
    for (const { folder, name, before, after } of done) {
      apply(folder, name, after);
      if (after) after.links++;
      if (before) before.links--;
      const ofFolder = this.#latest.get(folder) ?? new Map<string, Operation>();
      this.#latest.set(folder, ofFolder);
      const earlier = ofFolder.get(name);
      if (earlier) operation.needs.push(earlier);
      ofFolder.set(name, operation);
    }
    this.#pending.push(operation);
  }

  /** Makes the entries of one folder durable, and with a rename its other end. */
  sync(folder: Node): void {
    folder.syncedAttributes = folder.attributes;
    for (const operation of this.#latest.get(folder)?.values() ?? []) settle(operation);
    this.#latest.delete(folder);
    // Kept short in steps that grow with it, so that many syncs do not cost the square of what is pending.
    if (this.#pending.length > 1024 && this.#pending[0]?.isDurable) this.#forgetDurable();
  }

  syncAll(): void {
    this.#pending = [];
    this.#latest.clear();
    for (const node of this.nodes()) {
      node.content.sync();
      node.syncedAttributes = node.attributes;
    }
  }

  losePower(random: Random): void {
    const fate = (['nothing', 'all', 'first', 'some'] as const)[random.integer(4)];
    this.#forgetDurable();
    const cut = random.integer(this.#pending.length + 1);
    const lost = new Set<Operation>();
    for (const [at, operation] of this.#pending.entries()) {
      const isKept = fate === 'all' || (fate === 'first' && at < cut) || (fate === 'some' && random.integer(2) === 0);
      if (!isKept || operation.needs.some((needed) => lost.has(needed))) lost.add(operation);
    }
    for (const operation of [...lost].reverse()) {
      for (const { folder, name, before } of [...operation.changes].reverse()) apply(folder, name, before);
    }
    for (const node of this.nodes()) {
      node.content.losePower(random);
      if (random.integer(2) === 0) node.attributes = node.syncedAttributes;
    }
    this.syncAll();
    this.recount();
  }

  /** Every node that a path leads to, once. */
  nodes(): Set<Node> {
    const found = new Set<Node>([this.root]);
    for (const folder of found) for (const node of folder.entries.values()) found.add(node);
    return found;
  }

  recount(): void {
    const nodes = this.nodes();
    for (const node of nodes) node.links = node === this.root ? 1 : 0;
    for (const folder of nodes) for (const node of folder.entries.values()) node.links++;
  }

  #walk(start: Node, path: string, follow: boolean, links: { left: number; path: string }): Node | null {
    let node = path.startsWith('/') ? this.root : start;
    const parts = path.split('/');
    const needsFolder = parts.at(-1) === '' && parts.length > 1;
    const last = parts.findLastIndex((part) => part !== '');
    for (let at = 0; at <= last; at++) {
      const part = parts[at] ?? '';
      if (part === '' || part === '.') continue;
      if (node.kind !== 'folder') return null;
      const next: Node | null | undefined = part === '..' ? node.parent : node.entries.get(part);
      if (!next) return null;
      if (next.kind === 'link' && (at < last || follow || needsFolder)) {
        if (links.left-- === 0) throw systemError('ELOOP', 'lookup', links.path);
        const target = this.#walk(node, next.target, true, links);
        if (!target) return null;
        node = target;
      } else node = next;
    }
    return node;
  }

  #forgetDurable(): void {
    this.#pending = this.#pending.filter((operation) => !operation.isDurable);
  }
}

function apply(folder: Node, name: string, node: Node | null): void {
  if (!node) folder.entries.delete(name);
  else {
    folder.entries.set(name, node);
    if (node.kind === 'folder') node.parent = folder;
  }
}

function settle(operation: Operation): void {
  const open = [operation];
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.isDurable) continue;
    next.isDurable = true;
    open.push(...next.needs);
    // Nothing asks again what a durable operation stood on.
    next.needs = [];
  }
}
