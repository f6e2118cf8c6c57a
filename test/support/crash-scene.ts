import { join } from 'node:path';
import { type Random, silentLog, systemClock, systemRandom } from '../../engine/base/index.ts';
import { createRealFileSystem } from '../../engine/filesystem/index.ts';
import {
  checkVault,
  createVault,
  loadIndex,
  openVault,
  type Ports,
  type Vault,
} from '../../engine/repository/index.ts';
import {
  type BackupResult,
  backup,
  executeRestore,
  planRestore,
  undoRestore,
  verifyPacksOf,
} from '../../engine/snapshot/index.ts';
import { recordsOf } from '../../engine/snapshot/restore/record.ts';
import { openStore, type Store } from '../../engine/storage/index.ts';
import { createFarStore } from './far-store.ts';
import { sourcesOf } from './sources.ts';

/** Where a process works that dies at a crash point, and what goes on there afterwards. */
export type SceneOptions = {
  readonly folder: string;
  readonly home: string;
  readonly phrase: string;
  readonly random?: Random;
  /** The vault is behind a network, for who writes to it. */
  readonly isFar?: boolean;
};

/** Real files and real time; all jobs on one thread, which hears of every crash point. */
const portsAt = (home: string, random = systemRandom): Ports => ({
  home,
  fileSystem: createRealFileSystem(),
  clock: systemClock,
  random,
  log: silentLog,
  threads: false,
});

/** An empty vault; its recovery phrase. */
export async function makeScene({ folder, home }: Pick<SceneOptions, 'folder' | 'home'>): Promise<string> {
  const made = await createVault(portsAt(home), { store: join(folder, 'store'), passphrase: 'open' });
  return made.recoveryPhrase;
}

/** Quick and without faults: what may go wrong on the way is for other tests. */
async function farStoreAt(url: string, ports: Ports): Promise<Store> {
  const inner = await openStore(url, { ...ports, owner: 'far' });
  return createFarStore({ ...ports, inner, seed: 1, latencyMs: 1, bytesPerSecond: 1e9 });
}

export function crashScene({ folder, home, phrase, random, isFar = false }: SceneOptions) {
  const ports = portsAt(home, random);
  const writing: Ports = isFar ? { ...ports, storeFor: (url) => farStoreAt(url, ports) } : ports;
  const open = (mode: 'read' | 'write'): Promise<Vault> =>
    openVault(mode === 'write' ? writing : ports, {
      store: join(folder, 'store'),
      mode,
      secret: async () => ({ kind: 'phrase', phrase }),
    });
  const reading = async <T>(work: (vault: Vault) => Promise<T>): Promise<T> => {
    const vault = await open('read');
    try {
      return await work(vault);
    } finally {
      await vault.close();
    }
  };
  return {
    backup: (): Promise<BackupResult> =>
      backup(writing, open('write'), {
        sources: sourcesOf({ paths: [join(folder, 'files')], otherFileSystems: true }),
        tags: [],
        app: 'coffer test',
        host: 'test host',
        user: 'ann',
        userHome: '/home/ann',
        platform: 'linux',
      }),
    snapshots: (): Promise<string[]> => reading(async (vault) => vault.snapshots.map(({ id }) => id)),
    /** What is wrong, in words. */
    check: (): Promise<string[]> =>
      reading(async (vault) => {
        const { findings } = await checkVault(vault, ports, verifyPacksOf(vault, ports), { readData: 'all' });
        return findings.filter(({ kind }) => kind !== 'unused').map(({ kind, detail }) => `${kind}: ${detail}`);
      }),
    /** Takes back what was restored there; what is left with a word about it. */
    async undo(target: string): Promise<string[]> {
      const record = recordsOf(ports).find(({ header }) => header.target === target);
      if (record === undefined) return [];
      const { kept } = await undoRestore(ports, record.header.id);
      return kept.map(({ path }) => path);
    },
    /** The newest snapshot, in batches of a few files. */
    restore: (target: string): Promise<number> =>
      reading(async (vault) => {
        const snapshot = vault.snapshots.at(-1);
        if (snapshot === undefined) throw new Error('nothing to restore');
        const opened = { vault, index: await loadIndex(vault, { without: new Set() }) };
        const plan = await planRestore(ports, opened, { snapshot, paths: [], target, userHome: '/home/ann' });
        const { failed } = await executeRestore(ports, opened, plan, { batchBytes: 400_000 });
        return failed;
      }),
  };
}
