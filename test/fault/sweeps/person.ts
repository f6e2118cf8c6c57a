import { concatBytes, isCofferError, type PackId, type SnapshotId, utf8 } from '../../../engine/base/index.ts';
import { keyOfPack } from '../../../engine/format/index.ts';
import {
  absentForWriters,
  createIndexWriter,
  createPackWriter,
  forgottenSnapshots,
  givenSnapshots,
  holdingRecords,
  type LogRecord,
  loadIndex,
  logChange,
  type Opening,
  openVault,
  type Ports,
  publishSnapshot,
  type SnapshotDraft,
  type Vault,
} from '../../../engine/repository/index.ts';
import { executeSweep, prepareSweep } from '../../../engine/upkeep/sweep/sweep.ts';
import type { Device, World } from './world.ts';

/** What was promised, to be compared with what the place still has in the end. */
export type Promises = {
  /** Snapshots that a run said were made, or somebody took back in time, and what is in each. */
  readonly kept: Map<SnapshotId, readonly number[]>;
  /** All that were ever said to be made. */
  readonly made: Map<SnapshotId, readonly number[]>;
  /** When in truth each was last given up. */
  readonly forgottenAt: Map<SnapshotId, number>;
  /** How often somebody has set about forgetting it. */
  readonly times: Map<SnapshotId, number>;
  /** Sweeps that did something, that found a reason not to, and runs that a sweep overtook. */
  readonly figures: { swept: number; stopped: number; overtaken: number; late: number };
};

/** Faults planted on purpose. */
export type Sabotage = {
  readonly ports?: (ports: Ports) => Ports;
  readonly sweep?: (world: World, vault: Vault, ports: Ports) => Promise<void>;
};

export const bytesOf = (content: number): Uint8Array => utf8(`content ${content} `.repeat(8 + (content % 5)));

export function createPromises(): Promises {
  const figures = { swept: 0, stopped: 0, overtaken: 0, late: 0 };
  return { kept: new Map(), made: new Map(), forgottenAt: new Map(), times: new Map(), figures };
}

export async function withVault(
  world: World,
  ports: Ports,
  mode: Opening['mode'],
  work: (vault: Vault) => Promise<void>,
): Promise<true> {
  const secret = async () => ({ kind: 'phrase', phrase: world.phrase }) as const;
  const vault = await openVault(ports, { store: 'place', mode, secret });
  try {
    await work(vault);
    return true;
  } finally {
    await vault.close();
  }
}

/** A person with a few files, some of which are others' too, go, and come back. */
export function createPerson(world: World, device: Device, promises: Promises, sabotage: Sabotage = {}) {
  const { random } = world;
  const { kept, made, forgottenAt, times, figures } = promises;
  const ports = sabotage.ports?.(device.ports) ?? device.ports;
  const files = new Set<number>([random.integer(12), 100 + random.integer(5)]);
  const pick = <Item>(from: Iterable<Item>): Item | undefined => {
    const all = [...from];
    return all[random.integer(all.length)];
  };

  const backup = () =>
    withVault(world, ports, 'write', async (vault) => {
      const gone = pick(files);
      if (gone !== undefined && world.chance(60)) files.delete(gone);
      for (let more = 1 + random.integer(2); more > 0; more--) files.add(random.integer(12));
      const contents = [...files];
      try {
        const { id } = await backUp(vault, ports, contents);
        made.set(id, contents);
        if (!times.has(id)) kept.set(id, contents);
      } catch (error) {
        if (!isCofferError(error, 'vault.swept')) throw error;
        figures.overtaken++;
      }
    });

  const giveUp = async (vault: Vault, snapshots: readonly SnapshotId[], reason: string): Promise<void> => {
    for (const id of snapshots) {
      kept.delete(id);
      times.set(id, (times.get(id) ?? 0) + 1);
      forgottenAt.set(id, world.trueMs);
    }
    await logChange(vault, ports, { kind: 'forget', snapshots, reason });
    for (const id of snapshots) forgottenAt.set(id, world.trueMs);
  };

  const forget = () =>
    withVault(world, ports, 'write', async (vault) => {
      const old = vault.snapshots.slice(0, -1).map(({ id }) => id);
      const chosen = [pick(old), pick(old)].filter((id) => id !== undefined);
      if (chosen.length === 0) return;
      await giveUp(vault, [...new Set(chosen)], 'test');
    });

  /** Takes a forget back, and says so only once it is sure that it was in time. */
  const takeBack = () =>
    withVault(world, ports, 'write', async (vault) => {
      const id = pick([...forgottenSnapshots(vault.logs)].filter((one) => made.has(one)));
      if (id === undefined) return;
      const about = (): LogRecord[] =>
        [...holdingRecords(vault.logs)].filter(
          ({ entry: { action } }) => action.kind === 'forget' && action.snapshots.includes(id),
        );
      const back = new Set(about().flatMap(({ entry }) => ('snapshots' in entry.action ? entry.action.snapshots : [])));
      if (!givenSnapshots(vault.logs).isDisjointFrom(back)) return;
      const before = new Map([...back].map((one) => [one, times.get(one)]));
      await logChange(vault, ports, { kind: 'revoke', entries: about().map(({ entry }) => entry) });
      const logs = await vault.readLogsAgain();
      const late = [...givenSnapshots(logs).intersection(back)];
      if (late.length > 0) {
        figures.late++;
        await giveUp(vault, late, 'taken back too late');
      }
      const forgotten = forgottenSnapshots(logs);
      for (const one of back) {
        const contents = made.get(one);
        const isBack = !late.includes(one) && !forgotten.has(one) && times.get(one) === before.get(one);
        if (isBack && contents !== undefined) kept.set(one, contents);
      }
    });

  const sweep = () =>
    withVault(world, ports, 'read', async (vault) => {
      if (sabotage.sweep !== undefined) return sabotage.sweep(world, vault, ports);
      const options = { all: world.chance(70) };
      const prepared = await prepareSweep(ports, vault, options);
      try {
        const { deleted } = await executeSweep(ports, vault, prepared, options);
        if (deleted.packs > 0) figures.swept++;
      } catch (error) {
        if (!isCofferError(error, 'sweep.stopped')) throw error;
        figures.stopped++;
      }
    });
  const act = (): Promise<true> => {
    const die = random.integer(100);
    if (die < 38) return backup();
    if (die < 58) return forget();
    if (die < 66) return takeBack();
    return sweep();
  };
  return {
    sweep: () => device.live(sweep),
    async live(acts: number): Promise<void> {
      // Of a computer that has never finished anything, a snapshot without a log looks like a log that was lost.
      while ((await device.live(backup)) === null) world.pass(3_600_000);
      for (let left = acts; left > 0; left--) {
        world.pass(random.integer(60) * 3_600_000 * (world.chance(20) ? 24 : 1));
        await device.live(act);
      }
    },
  };
}

/** A run as small as can be, by the code of real ones: what is there is counted on, the rest goes into a pack. */
async function backUp(vault: Vault, ports: Ports, contents: readonly number[]) {
  const index = await loadIndex(vault, { without: absentForWriters(vault) });
  const writer = createIndexWriter(vault, ports);
  const packs = new Set<PackId>();
  const ids: Uint8Array[] = [];
  let size = 0;
  const fresh: { readonly id: ReturnType<Vault['idOf']>; readonly bytes: Uint8Array }[] = [];
  for (const content of contents) {
    const bytes = bytesOf(content);
    const id = vault.idOf(bytes);
    ids.push(id);
    size += bytes.length;
    const known = index.packs.get(index.packOf(id, 0));
    if (known === undefined) fresh.push({ id, bytes });
    else packs.add(known.id);
  }
  for (const some of [fresh.slice(0, 1), fresh.slice(1)]) {
    if (some.length === 0) continue;
    const sealed = sealPack(vault, ports, some);
    await vault.store.put(keyOfPack(sealed.pack.id), sealed.bytes);
    writer.add(sealed.pack);
    packs.add(sealed.pack.id);
  }
  await writer.write();
  return await publishSnapshot(vault, ports, draftOf(concatBytes(ids), size), { packs, isDurable: () => true });
}

type Chunk = { readonly id: ReturnType<Vault['idOf']>; readonly bytes: Uint8Array };

function sealPack(vault: Vault, ports: Ports, chunks: readonly Chunk[]) {
  const { fileSystem, random } = ports;
  const path = '/pack';
  const writer = createPackWriter({
    ...{ type: 'data', number: 0, path, packKey: vault.keys.pack, vault: vault.id, fileSystem, random },
  });
  for (const { id, bytes } of chunks)
    writer.add({ chunks: [{ id, length: bytes.length }], payload: bytes, rawLength: bytes.length, compressed: false });
  const pack = writer.seal();
  const fd = fileSystem.open(path, 'read');
  const bytes = new Uint8Array(pack.length);
  fileSystem.read(fd, bytes, 0);
  fileSystem.close(fd);
  fileSystem.removeFile(path);
  return { pack, bytes };
}

const time = { seconds: 1_700_000_000, nanoseconds: 0 };

export function draftOf(content: Uint8Array, size: number): SnapshotDraft {
  const name = utf8('files');
  const common = { name, mode: 0o644, uid: 0, gid: 0, mtime: time, ctime: time };
  return {
    ...{
      app: 'coffer test',
      host: 'test',
      user: 'ann',
      platform: 'linux',
      home: utf8('/home'),
      tags: [],
      parent: null,
    },
    bytes: { new: 0, read: 0, stored: 0, total: size },
    counts: { excluded: 0, failed: 0, files: 1, folders: 0, others: 0, saved: 1, seen: 1 },
    ...{ excluded: new Map(), failures: [], finished: time, started: time },
    sources: [{ path: utf8('/files'), entry: { ...common, kind: 'file', size, content } }],
  };
}
