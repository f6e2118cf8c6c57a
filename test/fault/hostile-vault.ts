import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type PackId, timeOfMs } from '../../engine/base/index.ts';
import { compress } from '../../engine/crypto/index.ts';
import { CborWriter } from '../../engine/format/cbor-writer.ts';
import type { TreeEntry } from '../../engine/format/index.ts';
import { keyOfPack } from '../../engine/format/index.ts';
import { writeEntry } from '../../engine/format/tree-entry-writer.ts';
import { createPackWriter, type PackWriter, publishSnapshot, type Vault } from '../../engine/repository/index.ts';
import type { TestVault } from '../support/vault.ts';

/**
 * Row 13: a vault whose owner means harm. It has the right keys, so every seal holds; only what is inside is evil. Written
 * with the engine's own writers where they let it, and below them where they refuse.
 */
export type Evil = {
  /** A chunk with its true id, or with a lie about its length. */
  chunk(bytes: Uint8Array, lie?: Lie): Uint8Array;
  /** A listing that no check has seen; gives its tree reference. */
  tree(entries: readonly TreeEntry[]): Uint8Array;
  /** Once: the packs are sealed with it. */
  publish(sources: readonly { readonly path: string; readonly entry: TreeEntry }[]): Promise<void>;
};

export type Lie = { readonly rawLength?: number; readonly payload?: Uint8Array };

export async function makeEvil(world: TestVault): Promise<Evil> {
  const { ports } = world;
  const vault = await world.open({ mode: 'write' });
  const folder = mkdtempSync(join(world.folder, 'evil-'));
  // One pack of each type for everything: some tests need thousands of listings.
  const writers = { data: open('data', 0), tree: open('tree', 1) };

  function open(type: 'data' | 'tree', number: number): PackWriter {
    const path = join(folder, type);
    const { fileSystem, random } = ports;
    return createPackWriter({ type, number, path, packKey: vault.keys.pack, vault: vault.id, fileSystem, random });
  }
  const add = (type: 'data' | 'tree', bytes: Uint8Array, lie: Lie = {}): Uint8Array => {
    const id = vault.idOf(bytes);
    const rawLength = lie.rawLength ?? bytes.length;
    const frame = lie.payload ?? compress(bytes, 3);
    writers[type].add({
      chunks: [{ id, length: rawLength }],
      payload: frame ?? bytes,
      rawLength,
      compressed: frame !== null,
    });
    return id;
  };
  return {
    chunk: (bytes, lie) => add('data', bytes, lie),
    tree: (entries) => add('tree', rawTree(entries)),
    async publish(sources) {
      add('data', Buffer.from('so that no pack is empty'));
      add('tree', rawTree([]));
      const packs = new Set<PackId>();
      for (const writer of Object.values(writers)) {
        const { id, path } = writer.seal();
        await vault.store.put(keyOfPack(id), new Uint8Array(readFileSync(path)));
        packs.add(id);
      }
      rmSync(folder, { recursive: true });
      await publish(world, vault, packs, sources);
    },
  };
}

/** As `encodeTree` does it, without asking what the names are. */
function rawTree(entries: readonly TreeEntry[]): Uint8Array {
  const writer = new CborWriter();
  writer.array(1 + entries.length);
  writer.value([1, 0, [], []]);
  for (const entry of entries) writeEntry(writer, entry);
  return writer.bytesSoFar().slice();
}

async function publish(
  { ports }: TestVault,
  vault: Vault,
  packs: ReadonlySet<PackId>,
  sources: readonly { readonly path: string; readonly entry: TreeEntry }[],
): Promise<void> {
  const time = timeOfMs(ports.clock.now());
  const counts = { excluded: 0, failed: 0, files: 1, folders: 1, others: 0, saved: 2, seen: 2 };
  const draft = {
    ...{ app: 'evil', host: 'evil', user: 'evil', platform: 'linux', home: Buffer.from('/home/evil') },
    ...{ bytes: { new: 1, read: 1, stored: 1, total: 1 }, counts, excluded: new Map(), failures: [], tags: [] },
    ...{ started: time, finished: time, parent: null },
    sources: sources.map(({ path, entry }) => ({ path: Buffer.from(path), entry })),
  };
  await publishSnapshot(vault, ports, draft, { packs, isDurable: () => true });
  await vault.close();
}

const time = { seconds: 1_600_000_000, nanoseconds: 0 };
const common = (name: string | Uint8Array) => ({
  ...{ name: Buffer.from(name), mode: 0o755, uid: 0, gid: 0, mtime: time, ctime: time },
});

export function fileOf(
  name: string | Uint8Array,
  content: Uint8Array,
  size: number,
): Extract<TreeEntry, { kind: 'file' }> {
  return { ...common(name), kind: 'file', size, content };
}

export function folderOf(name: string | Uint8Array, content: Uint8Array, entries?: number): TreeEntry {
  return { ...common(name), kind: 'folder', size: 1, content, ...(entries === undefined ? {} : { entries }) };
}

export function linkOf(name: string, target: string): TreeEntry {
  return { ...common(name), kind: 'symlink', target: Buffer.from(target) };
}
