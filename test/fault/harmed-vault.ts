import { CofferError, silentLog } from '../../engine/base/index.ts';
import {
  createSimulatedFileSystem,
  type SimulatedFileSystem,
  seededRandom,
} from '../../engine/filesystem/simulated/index.ts';
import {
  backup,
  type CheckResult,
  checkVault,
  createVault,
  executeRestore,
  listEntries,
  openVault,
  type Ports,
  planRestore,
  readFile,
  type Vault,
} from '../../engine/index.ts';
import type { Store } from '../../engine/storage/index.ts';
import { createMemoryStore } from '../../engine/storage/memory/store.ts';
import { testClock } from '../support/clock.ts';

/**
 * Row 5 of the fault list, within one process and in memory so that every byte can have its turn: a small vault whose
 * objects are harmed one at a time, and what a computer that has never seen it makes of that.
 */
export type Objects = ReadonlyMap<string, Uint8Array>;

export type SmallVault = {
  readonly objects: Objects;
  /** As it was before the newest snapshot. */
  readonly older: Objects;
  readonly phrase: string;
  /** What each snapshot holds: path → bytes in hexadecimal. */
  readonly truth: ReadonlyMap<string, ReadonlyMap<string, string>>;
};

const passphrase = 'small';
const clockMs = 1_700_000_000_000 + 6 * 3_600_000;
const storeFolder = '/vault';

/** Two snapshots of two computers: bundles, compressed and not, an empty file, a folder in a folder. */
export async function makeSmallVault(seed: number): Promise<SmallVault> {
  const disk = createSimulatedFileSystem({ seed });
  const random = seededRandom(seed);
  const clock = testClock(clockMs);
  const portsOf = (home: string): Ports => ({ home, fileSystem: disk, clock, random, log: silentLog, threads: false });
  const { recoveryPhrase: phrase } = await createVault(portsOf('/home/one'), { store: storeFolder, passphrase });
  const save = async (home: string): Promise<string> => {
    clock.advance(60_000);
    const ports = portsOf(home);
    const result = await backup(ports, openWith(ports, phrase, 'write'), {
      ...{ paths: ['/data'], rules: { patterns: [], presets: [], cacheDirTag: false }, oneFileSystem: false, tags: [] },
      ...{ app: 'test', host: home.slice(-3), user: 'ann', userHome: '/home/ann' },
    });
    return result.snapshot;
  };
  const truth = new Map<string, ReadonlyMap<string, string>>();
  disk.makeFolder('/data');
  disk.makeFolder('/data/below');
  write(disk, '/data/a.txt', Buffer.from('the first text, which is said again and again. '.repeat(6)));
  write(disk, '/data/noise', random.bytes(150));
  write(disk, '/data/empty', new Uint8Array(0));
  write(disk, '/data/below/c.txt', Buffer.from('in a folder'));
  truth.set(await save('/home/one'), contents(disk, '/data'));
  const older = objectsOn(disk);
  write(disk, '/data/a.txt', Buffer.from('the second text'));
  write(disk, '/data/below/d.txt', random.bytes(40));
  truth.set(await save('/home/two'), contents(disk, '/data'));
  return { objects: objectsOn(disk), older, phrase, truth };
}

function write(disk: SimulatedFileSystem, path: string, bytes: Uint8Array): void {
  if (disk.lstatIfThere(path) !== null) disk.removeFile(path);
  const fd = disk.open(path, 'create', 0o644);
  disk.write(fd, bytes, 0);
  disk.close(fd);
}

function read(disk: SimulatedFileSystem, path: string): Uint8Array {
  const fd = disk.open(path, 'read');
  const bytes = new Uint8Array(disk.fstat(fd).size);
  disk.read(fd, bytes, 0);
  disk.close(fd);
  return bytes;
}

/** Files below a folder, by their paths from there. */
function contents(disk: SimulatedFileSystem, root: string): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string): void => {
    for (const name of disk.list(path)) {
      const below = `${path}/${name}`;
      const { kind } = disk.lstat(below);
      if (kind === 'folder') visit(below);
      else if (kind === 'file') found.set(below.slice(root.length), Buffer.from(read(disk, below)).toString('hex'));
    }
  };
  if (disk.lstatIfThere(root) !== null) visit(root);
  return found;
}

function objectsOn(disk: SimulatedFileSystem): Objects {
  const hex = contents(disk, storeFolder);
  return new Map(
    [...hex]
      .map(([path, bytes]) => [path.slice(1), Buffer.from(bytes, 'hex')] as const)
      .filter(([key]) => !key.startsWith('tmp/')),
  );
}

function openWith(ports: Ports, phrase: string, mode: 'read' | 'write'): Promise<Vault> {
  return openVault(ports, { store: storeFolder, mode, secret: async () => ({ kind: 'phrase', phrase }) });
}

async function storeOf(objects: Objects): Promise<Store> {
  const store = createMemoryStore();
  for (const [key, bytes] of objects) await store.put(key, bytes);
  // As near as a folder: what fails is told at once, and the clock of these tests has no use for deadlines.
  return { ...store, spool: '/spool' };
}

/** `restore` writes files as a person would have it; `read` only hands over their bytes, and is ten times as quick. */
export type Way = 'restore' | 'read';

/** What is wrong with how the engine met this vault; empty: honest and right. */
export async function judge(vault: SmallVault, objects: Objects, way: Way = 'restore'): Promise<string[]> {
  const disk = createSimulatedFileSystem({ seed: 1 });
  const store = await storeOf(objects);
  const ports: Ports = {
    ...{ home: '/home/stranger', fileSystem: disk, clock: testClock(clockMs), random: seededRandom(5), log: silentLog },
    ...{ threads: false, storeFor: async () => store },
  };
  let opened: Vault;
  try {
    opened = await openWith(ports, vault.phrase, 'read');
  } catch (error) {
    return honest(error) ? [] : [`opening: ${describe(error)}`];
  }
  const faults: string[] = [];
  const check = await checkVault(ports, opened, { readData: 'all' });
  if (check.findings.length === 0 && opened.notices.length === 0) faults.push('nobody noticed');
  for (const { id } of opened.snapshots) {
    const truth = vault.truth.get(id);
    if (truth === undefined) {
      faults.push(`a snapshot nobody made: ${id}`);
      continue;
    }
    const restored = await (way === 'restore' ? restoreOne : readOne)(ports, opened, id);
    for (const [path, hex] of restored.files) {
      if (truth.get(path) !== hex) faults.push(`WRONG BYTES of ${path} in ${id.slice(0, 8)}`);
    }
    const lost = [...truth.keys()].filter((path) => !restored.files.has(path));
    faults.push(...restored.faults, ...unlisted(lost, check, id));
    if (lost.length > 0 && !restored.told) faults.push(`${lost.join()} is missing and the restore does not say so`);
  }
  const shown = new Set<string>(opened.snapshots.map(({ id }) => id));
  const hidden = [...vault.truth.keys()].filter((id) => !shown.has(id));
  if (hidden.length > 0 && opened.notices.length === 0) faults.push('snapshots are not shown, and nobody says why');
  return faults;
}

/** The check's list against what the restore could not give back: no more, no less. */
function unlisted(lost: readonly string[], check: CheckResult, snapshot: string): string[] {
  const listed = check.findings.flatMap(({ files }) => files).filter((file) => file.snapshot === snapshot);
  const named = new Set(listed.map(({ path }) => path.replace(/^\/data/, '')));
  const covers = (name: string, path: string): boolean => path === name || path.startsWith(`${name}/`) || name === '';
  return [
    ...lost
      .filter((path) => ![...named].some((name) => covers(name, path)))
      .map((path) => `${path} is lost and not listed`),
    ...[...named]
      .filter((name) => !lost.some((path) => covers(name, path)))
      .map((name) => `${name} is listed and not lost`),
  ];
}

type Restored = {
  readonly files: ReadonlyMap<string, string>;
  readonly told: boolean;
  readonly faults: readonly string[];
};

async function restoreOne(ports: Ports, opened: Vault, id: string): Promise<Restored> {
  const snapshot = opened.snapshots.find((candidate) => candidate.id === id);
  if (snapshot === undefined) throw new Error('a snapshot that was just listed');
  const target = `/restored-${id.slice(0, 8)}`;
  const files = (): Map<string, string> => contents(ports.fileSystem as SimulatedFileSystem, `${target}/data`); // made by `judge`
  try {
    const plan = await planRestore(ports, opened, { snapshot, paths: [], target, userHome: '/home/ann' });
    const result = await executeRestore(ports, opened, plan, {});
    return { files: files(), told: result.failed > 0, faults: [] };
  } catch (error) {
    return { files: files(), told: true, faults: honest(error) ? [] : [`restoring: ${describe(error)}`] };
  }
}

async function readOne(_: Ports, opened: Vault, id: string): Promise<Restored> {
  const snapshot = opened.snapshots.find((candidate) => candidate.id === id);
  if (snapshot === undefined) throw new Error('a snapshot that was just listed');
  const files = new Map<string, string>();
  const faults: string[] = [];
  let told = false;
  const attempt = async (what: string, action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      told = true;
      if (!honest(error)) faults.push(`${what}: ${describe(error)}`);
    }
  };
  await attempt('listing', async () => {
    for await (const { path, kind } of listEntries(opened, snapshot, { recursive: true })) {
      if (kind !== 'file') continue;
      const parts: Uint8Array[] = [];
      await attempt(`reading ${path}`, async () => {
        await readFile(opened, snapshot, path, async (bytes) => void parts.push(bytes.slice()));
        files.set(path.replace(/^\/data/, ''), Buffer.concat(parts).toString('hex'));
      });
    }
  });
  return { files, told, faults };
}

/** The vault is damaged, newer, or not one at all: anything else would be a wrong guess at what happened. */
function honest(error: unknown): boolean {
  return error instanceof CofferError && !['program.fault', 'disk.full', 'home.unusable', 'usage'].includes(error.code);
}

const describe = (error: unknown): string =>
  error instanceof Error ? `${error.name} ${error.message} ${error.stack}` : String(error);
