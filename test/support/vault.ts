import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Log, silentLog } from '../../engine/base/index.ts';
import { createRealFileSystem } from '../../engine/filesystem/index.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import {
  type CheckOptions,
  type CheckResult,
  checkVault,
  createVault,
  type Opening,
  openVault,
  type Ports,
  type Vault,
} from '../../engine/repository/index.ts';
import { type BackupOptions, type BackupResult, backup, verifyPacksOf } from '../../engine/snapshot/index.ts';
import { type TestClock, testClock } from './clock.ts';
import { temporaryFolder } from './folder.ts';
import { type ChosenPaths, sourcesOf } from './sources.ts';

export const passphrase = 'correct horse battery staple';

/** A vault in a temporary folder, and one computer that uses it. Everything goes away with the test. */
export type TestVault = {
  /** Of everything below; `files` in it is what `backup` backs up. */
  readonly folder: string;
  readonly store: string;
  readonly files: string;
  readonly clock: TestClock;
  readonly ports: Ports;
  readonly recoveryPhrase: string;
  /** By the recovery phrase, which needs no slow key derivation. Closed when the test is done. */
  open(options?: Partial<Opening>): Promise<Vault>;
  /** Backs up `files`, or other paths. */
  backup(options?: Partial<BackupOptions> & ChosenPaths): Promise<BackupResult>;
  check(options?: Partial<CheckOptions>): Promise<CheckResult>;
  /** The same vault as another computer sees it: with a COFFER_HOME of its own, or a given one. */
  from(home: string): TestVault;
  /** The same computer, with a copy of the vault at another place. */
  at(store: string): TestVault;
};

export type TestVaultOptions = {
  /** Each seed makes other keys, and with them other chunks. */
  readonly seed?: number;
  /** Worker threads as in the product; without, the jobs run on the test's thread, which starts at once. */
  readonly threads?: boolean;
  readonly log?: Log;
};

type Template = { readonly recoveryPhrase: string; readonly objects: ReadonlyMap<string, Uint8Array> };

/** Empty vaults, made once for each seed: each takes a passphrase through a slow key derivation. */
const templates = new Map<number, Promise<Template>>();

function makeTemplate(seed: number): Promise<Template> {
  const make = async (): Promise<Template> => {
    const folder = mkdtempSync(join(tmpdir(), 'coffer-test-template-'));
    try {
      const store = join(folder, 'store');
      const fileSystem = createRealFileSystem();
      const random = seededRandom(seed);
      const ports = {
        home: join(folder, 'home'),
        fileSystem,
        clock: testClock(),
        random,
        log: silentLog,
        threads: false,
      };
      const { recoveryPhrase } = await createVault(ports, { store, passphrase });
      const objects = new Map(objectsIn(store).map((key) => [key, new Uint8Array(readFileSync(join(store, key)))]));
      return { recoveryPhrase, objects };
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  const template = make();
  templates.set(seed, template);
  return template;
}

export async function makeVault({
  seed = 1,
  threads = false,
  log = silentLog,
}: TestVaultOptions = {}): Promise<TestVault> {
  const folder = temporaryFolder();
  const clock = testClock();
  const ports = {
    home: join(folder, 'home'),
    fileSystem: createRealFileSystem(),
    clock,
    random: seededRandom(seed + 1000),
    log,
    threads,
  };
  const store = join(folder, 'store');
  const { recoveryPhrase, objects } = await (templates.get(seed) ?? makeTemplate(seed));
  for (const [key, bytes] of objects) {
    mkdirSync(join(store, dirname(key)), { recursive: true });
    writeFileSync(join(store, key), bytes);
  }
  return testVault({ folder, store, clock, ports, recoveryPhrase });
}

type Parts = Pick<TestVault, 'folder' | 'store' | 'clock' | 'ports' | 'recoveryPhrase'>;

function testVault(parts: Parts): TestVault {
  const { folder, store, clock, ports, recoveryPhrase } = parts;
  const files = join(folder, 'files');
  const openQuickly = (options: Partial<Opening> = {}): Promise<Vault> =>
    openVault(ports, {
      store,
      mode: 'read',
      secret: async () => ({ kind: 'phrase', phrase: recoveryPhrase }),
      ...options,
    });
  const open = async (options?: Partial<Opening>): Promise<Vault> => {
    const vault = await openQuickly(options);
    onTestFinished(() => vault.close());
    return vault;
  };
  return {
    ...parts,
    files,
    open,
    async backup({ paths = [files], rules, otherFileSystems = true, ...options } = {}) {
      // A later run has a later time, and nothing that a test wrote in between counts as still changing.
      clock.advance(60_000);
      return backup(ports, openQuickly({ mode: 'write' }), {
        sources: sourcesOf({ paths, otherFileSystems, ...(rules === undefined ? {} : { rules }) }),
        tags: [],
        app: 'coffer test',
        host: 'test host',
        user: 'ann',
        userHome: '/home/ann',
        platform: 'linux',
        ...options,
      });
    },
    async check(options = {}) {
      const vault = await openQuickly();
      try {
        return await checkVault(vault, ports, verifyPacksOf(vault, ports), { readData: 'none', ...options });
      } finally {
        await vault.close();
      }
    },
    from: (home) =>
      testVault({
        folder,
        store,
        clock,
        ports: { ...ports, home: join(folder, home), random: seededRandom(home.length + 77) },
        recoveryPhrase,
      }),
    at: (other) => testVault({ ...parts, store: other }),
  };
}

/** Keys of the objects in a store folder, sorted. */
export function objectsIn(store: string, prefix = ''): string[] {
  return readdirSync(store, { recursive: true, encoding: 'utf8' })
    .filter((key) => key.startsWith(prefix) && !key.startsWith('tmp/') && statSync(join(store, key)).isFile())
    .sort();
}

/** Changes one byte of a file. */
export function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] ?? 0) ^ 0x40;
  writeFileSync(path, bytes);
}

export function cutShort(path: string, length: number): void {
  writeFileSync(path, readFileSync(path).subarray(0, length));
}

export function removeObjects(store: string, prefix: string): void {
  for (const key of objectsIn(store, prefix)) rmSync(join(store, key));
}
