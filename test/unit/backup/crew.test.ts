import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadIndex } from '../../../engine/repository/index.ts';
import { type BackupCrew, findSnapshot, type Look, readFile, startBackupCrew } from '../../../engine/snapshot/index.ts';
import { noRules } from '../../support/sources.ts';
import { makeVault, type TestVault } from '../../support/vault.ts';
import { bulk, createWorld, homeFolder, portsOn, runBackup, type World, write } from './world.ts';

type Watched = { readonly crew: BackupCrew; readonly ended: () => boolean };

function earlyCrew(world: World): Watched {
  const crew = startBackupCrew(portsOn(world.disk));
  let ended = false;
  return {
    crew: {
      ...crew,
      async end() {
        await crew.end();
        ended = true;
      },
    },
    ended: () => ended,
  };
}

test('threads that were started early do the work, and end with the run', async () => {
  const world = await createWorld();
  write(world.disk, '/data/one', bulk(50_000, 1));
  const { crew, ended } = earlyCrew(world);
  expect(await runBackup(world, { crew: () => crew })).toMatchObject({ files: 1, bytes: 50_000 });
  expect(ended()).toBe(true);
});

test('a backup that is refused starts none', async () => {
  const world = await createWorld();
  const crew = (): BackupCrew => {
    throw new Error('started for nothing');
  };
  await expect(runBackup(world, { crew, paths: [homeFolder] })).rejects.toMatchObject({ code: 'path.own' });
});

describe('a run that is told where to look', () => {
  /** Folders with a file each, saved by a run that looked everywhere; then runs that look at some of them. */
  async function savedFolders() {
    const vault = await makeVault({ threads: true });
    const pathOf = (folder: number, name = 'note'): string => join(vault.files, `${folder}`, name);
    for (let folder = 0; folder < 200; folder++) {
      mkdirSync(dirname(pathOf(folder)), { recursive: true });
      writeFileSync(pathOf(folder), `Note ${folder}`);
    }
    let threads = 0;
    const count = (): void => void threads++;
    process.on('worker', count);
    onTestFinished(() => void process.off('worker', count));
    const sources = (look?: Look) => [
      { path: vault.files, rules: noRules, otherFileSystems: true, ...(look && { look }) },
    ];
    await vault.backup({ sources: sources() });
    expect(threads).toBeGreaterThan(1);
    /** The threads that it takes to save these folders. */
    const save = async (folders: readonly number[], content: Uint8Array | string, name?: string): Promise<number> => {
      for (const folder of folders) writeFileSync(pathOf(folder, name), content);
      threads = 0;
      const look = { kind: 'folders', folders: new Set(folders.map((folder) => dirname(pathOf(folder)))) } as const;
      expect(await vault.backup({ sources: sources(look) })).toMatchObject({ changedFiles: folders.length, failed: 0 });
      const started = threads;
      const [first = 0] = folders;
      expect((await restored(vault, pathOf(first, name))).equals(Buffer.from(content))).toBe(true);
      expect((await vault.check({ readData: 'all' })).findings).toEqual([]);
      return started;
    };
    return save;
  }

  test('starts no thread to save a file', { timeout: 60_000 }, async () => {
    const save = await savedFolders();
    expect(await save([3], 'Another note.')).toBe(0);
    expect(await save([4, 5, 6], bulk(60_000, 9))).toBe(0);
  });

  test('starts threads when there are many folders, many bytes, or a big file', { timeout: 60_000 }, async () => {
    const save = await savedFolders();
    expect(
      await save(
        Array.from({ length: 190 }, (_, folder) => folder),
        'The same in each.',
      ),
    ).toBeGreaterThan(1);
    expect(await save([1, 2, 3, 4, 5], bulk(1_000_000, 3))).toBeGreaterThan(1);
    expect(await save([7], bulk(9_000_000, 4), 'film')).toBeGreaterThan(1);
  });
});

/** What the newest snapshot has of a file. */
async function restored(vault: TestVault, path: string): Promise<Buffer> {
  const open = await vault.open();
  const index = await loadIndex(open, { without: new Set() });
  const parts: Uint8Array[] = [];
  await readFile(
    index,
    findSnapshot(open.snapshots, 'latest', vault.store),
    path,
    async (bytes) => void parts.push(bytes),
  );
  return Buffer.concat(parts);
}
