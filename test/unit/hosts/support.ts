import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, CofferError, deviceId, snapshotId, vaultId } from '../../../engine/base/index.ts';
import type { Host, Keyboard, OutputStream } from '../../../engine/hosts/cli/host.ts';
import { run } from '../../../engine/hosts/cli/run.ts';
import type {
  Amount,
  BackupResult,
  DrillReport,
  Engine,
  EntryInfo,
  KeyInfo,
  RestoreResult,
  Secret,
  SnapshotInfo,
  Space,
  SweepPlan,
  Vault,
} from '../../../engine/hosts/engine.ts';
import { fakeAgent } from '../../support/agent.ts';

export type RecordedStream = OutputStream & { text(): string; lines(): string[]; leave(): void };

export function recordStream(options: { isTerminal?: boolean; columns?: number; rows?: number } = {}): RecordedStream {
  const written: Buffer[] = [];
  let isClosed = false;
  const text = (): string => Buffer.concat(written).toString('utf8');
  return {
    isTerminal: options.isTerminal ?? false,
    columns: options.columns ?? 80,
    rows: options.rows ?? 24,
    get isClosed() {
      return isClosed;
    },
    write: async (data) => {
      if (!isClosed) written.push(Buffer.from(data as string));
    },
    text,
    lines: () => text().split('\n').slice(0, -1),
    leave: () => {
      isClosed = true;
    },
  };
}

/** A keyboard on which each question is answered by the next text. */
export function typing(...answers: string[]): Keyboard {
  return {
    isTerminal: true,
    listen: (onText) => {
      const next = answers.shift();
      if (next !== undefined) queueMicrotask(() => onText(next));
      return () => {};
    },
  };
}

export const noKeyboard: Keyboard = {
  isTerminal: false,
  listen: () => {
    throw new Error('nobody is there to type');
  },
};

/** Time that passes only when told to. */
export function handClock(): Clock & { pass(ms: number): void } {
  let ms = 1_777_800_000_000;
  return {
    now: () => ms,
    monotonic: () => ms,
    sleep: async (delayMs) => {
      ms += delayMs;
    },
    pass: (passed) => {
      ms += passed;
    },
  };
}

export type FakeHost = Host & { readonly out: RecordedStream; readonly err: RecordedStream };

export function makeHost(parts: Partial<Host> = {}): FakeHost {
  return {
    args: [],
    environment: { COFFER_HOME: '/home/anna/.coffer', COFFER_PASSPHRASE: 'right' },
    folder: '/home/anna',
    platform: 'linux',
    userHome: '/home/anna',
    userName: 'anna',
    hostName: 'laptop',
    processId: 4711,
    version: '1.2.3',
    clock: handClock(),
    signal: new AbortController().signal,
    uncaught: new Promise(() => {}),
    keyboard: noKeyboard,
    isThere: () => true,
    program: ['/opt/coffer/bin/coffer'],
    engine: async () => fakeEngine(),
    attach: (asked) => fakeAgent().attach(asked),
    rpc: async () => {
      throw new Error('no sockets here');
    },
    createAgent: async () => {
      throw new Error('no agent here');
    },
    keychain: async () => {
      throw new Error('no keychain here');
    },
    ...parts,
    out: (parts.out as RecordedStream | undefined) ?? recordStream(),
    err: (parts.err as RecordedStream | undefined) ?? recordStream(),
  };
}

export type Ran = { readonly exit: number; readonly out: string; readonly err: string };

export async function runHost(host: FakeHost): Promise<Ran> {
  const exit = await run(host);
  return { exit, out: host.out.text(), err: host.err.text() };
}

export function coffer(args: readonly string[], parts: Partial<Host> = {}): Promise<Ran> {
  return runHost(makeHost({ ...parts, args }));
}

const time = { seconds: 1_777_800_000, nanoseconds: 5 };

export const snapshot: SnapshotInfo = {
  deferred: 0,
  id: snapshotId('7f3a91c2'.repeat(8)),
  device: deviceId('ab'.repeat(16)),
  seq: 1,
  host: 'laptop',
  user: 'anna',
  started: time,
  finished: time,
  sources: ['/home/anna/Documents'],
  tags: ['weekly'],
  files: 48_210,
  folders: 12,
  bytes: 12_400_000_000,
  newBytes: 84_100_000,
  storedBytes: 31_700_000,
  failed: 0,
  pinned: false,
};

export const entry: EntryInfo = {
  path: '/home/anna/Documents/notes.txt',
  kind: 'file',
  size: 1200,
  mode: 0o4755,
  uid: 1000,
  gid: 1000,
  owner: 'anna',
  group: 'anna',
  mtime: time,
  target: null,
  state: null,
};

export const key: KeyInfo = {
  ...({ key: `keys/${'4c1e'.repeat(16)}`, kind: 'passphrase', label: 'mine', created: time } as const),
  ...{ usedNow: true, damaged: null },
};

export const backupResult: BackupResult = {
  snapshot: snapshot.id,
  files: 48_210,
  folders: 12,
  others: 3,
  bytes: 12_400_000_000,
  readBytes: 84_100_000,
  newBytes: 84_100_000,
  storedBytes: 31_700_000,
  changedFiles: 312,
  failed: 0,
  failures: [],
  excluded: { pattern: 2118 },
  leftOut: [{ path: '/home/anna/Documents/a.iso', reason: 'pattern' }],
  deferred: { files: 0, bytes: 0, listed: [], isStuck: false },
  seconds: 4.2,
  notices: [],
};

export const restoreResult: RestoreResult = {
  ...{ id: 'ef'.repeat(8), files: 1, folders: 1, bytes: 1200, skipped: 0, keptBoth: 2, replaced: 0 },
  ...{ failed: 0, failures: [], remarks: [], seconds: 1, undoable: true },
};

export const vault: Vault = {
  id: vaultId('cd'.repeat(16)),
  url: '/mnt/disk/vault',
  notices: [],
  snapshots: [snapshot],
  close: async () => {},
};

/** A restore that is not run needs nobody. */
const idleCrew = { begin: () => {}, end: async () => {} } as unknown as ReturnType<Engine['startRestoreCrew']>;

async function* each<Item>(...items: Item[]): AsyncGenerator<Item> {
  yield* items;
}

/** What takes the space of a vault with one snapshot. */
export function spaceOf(parts: Partial<Space>): Space {
  const unique = { bytes: 84_100_000, storedBytes: 31_700_000 };
  const shared = { bytes: 0, storedBytes: 0 };
  const part = { name: '/home/anna/Documents', host: 'desk', direct: false, snapshots: 1, unique, shared };
  const figures = {
    by: 'source',
    exact: true,
    path: null,
    place: null,
    snapshots: 1,
    versions: null,
    lost: 0,
  } as const;
  return { ...figures, unique, shared, parts: [part], ...parts };
}

/** An engine with one snapshot, whose passphrase is "right"; each test replaces what it is about. */
export function fakeEngine(parts: Partial<Engine> = {}): Engine {
  const engine: Engine = {
    createPorts: ({ home }) => ({ home }) as ReturnType<Engine['createPorts']>,
    createVault: async () => ({
      vault: vault.id,
      recoveryPhrase: Array.from({ length: 24 }, () => 'abandon').join(' '),
    }),
    openVault: async (_, { secret }) => {
      checkSecret(await secret(vault.id));
      return vault;
    },
    findSnapshot: () => snapshot,
    backup: async (_, opening) => {
      await opening;
      return backupResult;
    },
    listEntries: () => each(entry),
    findByName: () => each({ ...entry, snapshot: snapshot.id, firstSeen: time }),
    diffSnapshots: () => each({ change: 'modified', path: entry.path, sizeBefore: 1000, sizeAfter: 1200 } as const),
    readVaultId: async () => vault.id,
    readFile: async (_, __, ___, write) => write(Buffer.from('hello\n')),
    planRestore: async () => ({
      files: 1,
      folders: 1,
      bytes: 1200,
      conflicts: 2,
      mappings: [{ from: '/home/ben', to: '/home/anna' }],
      resumes: false,
    }),
    startBackupCrew: () => idleCrew as never,
    startRestoreCrew: () => idleCrew,
    executeRestore: async () => restoreResult,
    endProcess: () => {
      throw new Error('a test ends no process');
    },
    hasOpenCalls: () => false,
    listRestores: async () => [{ id: 'ef'.repeat(8), at: time, target: '/home/anna/restored', files: 1 }],
    undoRestore: async () => ({ removed: 1, putBack: 0, kept: [] }),
    checkVault: async () => ({
      ...{ findings: [], snapshots: 1, packs: 3, bytesRead: 0, affectedFiles: 0, seconds: 1, notices: [] },
    }),
    verifyVault: async () => ({
      ...{ packsRead: 2, bytesRead: 31_000_000, packs: 3, bytes: 31_700_000, readBytes: 31_000_000, oldestMs: 0 },
      ...{ findings: [], affectedFiles: 0, seconds: 1, notices: [] },
    }),
    drillVault: async () => ({ report: drillReport, signed: null, notices: [] }),
    keptReports: async () => [{ report: drillReport, signed: null }],
    planRetention: async () => ({ groups: [{ judged: [{ snapshot, reasons: ['newest'] }] }], notKnownLong: 0 }),
    freedBytes: async () => 31_700_000,
    changeSnapshots: async () => [],
    listForgotten: async () => [],
    lastForgotten: async () => [],
    repairVault: async () => ({ actions: ['write a new index for 2 packs'], written: 1 }),
    planSweep: async () => sweepPlan,
    executeSweep: async () => ({
      marked: sweepPlan.amounts.marking,
      deleted: sweepPlan.amounts.removing,
      snapshots: 2,
    }),
    listKeys: async () => [key],
    addPassphrase: async () => key,
    addRecoveryPhrase: async () => ({ key, phrase: 'abandon ability' }),
    removeKey: async () => {},
    changePassphrase: async () => ({ ...key, oldKeyStays: null }),
    vaultStats: async () => ({
      ...{ snapshots: 1, devices: 1, packs: 3, storedBytes: 31_700_000, chunks: 90, chunkBytes: 84_100_000 },
      latest: snapshot,
    }),
    measureSpace: async () => spaceOf({}),
    vaultConfig: () => ({
      ...{ vault: vault.id, version: 1, chunkIds: 'keyed BLAKE3', chunker: { min: 1, average: 2, max: 3 }, level: 3 },
      created: time,
    }),
  };
  return { ...engine, ...parts };
}

const drillReport: DrillReport = {
  ...{ version: 1, vault: vaultId('ab'.repeat(16)), place: '/v', snapshots: [], kind: 'sample', atMs: 0, seconds: 1 },
  ...{ files: 32, bytes: 90_000_000, comparedWithHere: 30, failed: 0, failures: [] },
};

const packsOf = (packs: number): Amount => ({ packs, bytes: packs * 9_000_000 });

export const sweepPlan: SweepPlan = {
  ...{ graceDays: 30, notices: [], doubts: [], isFirst: false, snapshots: 2, nextInMs: 12.5 * 24 * 3_600_000 },
  present: packsOf(1000),
  amounts: {
    ...{ marking: packsOf(41), removing: packsOf(50), waiting: packsOf(17), later: packsOf(9) },
    ...{ spared: packsOf(2), young: packsOf(3) },
  },
};

function checkSecret(secret: Secret): void {
  if (secret.kind === 'passphrase' && secret.passphrase !== 'right') throw new CofferError('secret.wrong');
  if (secret.kind === 'phrase' && secret.phrase !== 'right words') throw new CofferError('secret.wrong');
}

/** A folder of its own that goes away at the end of the test. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'coffer-hosts-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
