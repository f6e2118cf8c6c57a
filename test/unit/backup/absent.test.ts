import { describe, expect, test } from 'vitest';
import type { BackupSource } from '../../../engine/snapshot/index.ts';
import { noRules } from '../../support/sources.ts';
import { noise } from '../../support/trees.ts';
import { type Portrait, portraitOfSnapshot } from './portrait.ts';
import { readAllPacks, walkNewest, walkSnapshot } from './walker.ts';
import { createWorld, homeFolder, objectsIn, openAfresh, runBackup, storeFolder, type World, write } from './world.ts';

const usual = { otherFileSystems: false, rules: noRules };
const data: BackupSource = { path: '/data', ...usual };
const drive: BackupSource = { path: '/drive', ...usual };
const unplugged: BackupSource = { ...drive, look: { kind: 'nowhere' } };

/** A folder and a drive, saved together once. */
async function savedWorld(): Promise<World> {
  const world = await createWorld();
  write(world.disk, '/data/1', noise(2000, 1));
  for (const name of ['a', 'b/c', 'b/d']) write(world.disk, `/drive/${name}`, noise(1000, name.charCodeAt(0)));
  world.disk.makeLink('a', '/drive/link');
  await runBackup(world, { sources: [data, drive] });
  world.disk.rename('/drive', '/elsewhere');
  world.clock.advance(3_600_000);
  return world;
}

const both = { files: 4, folders: 3, others: 1, bytes: 5000, failed: 0 };
const onDrive = (portrait: Portrait): Portrait =>
  Object.fromEntries(Object.entries(portrait).filter(([path]) => path.startsWith('/drive')));

async function driveInNewest(world: World): Promise<Portrait> {
  const walked = await walkNewest(world);
  for (const packs of walked.holders.values()) expect(packs.some((pack) => walked.refs.includes(pack))).toBe(true);
  return onDrive(portraitOfSnapshot(walked));
}

function forgetCache({ disk }: World): void {
  const [vault = ''] = disk.list(`${homeFolder}/vaults`);
  for (const name of disk.list(`${homeFolder}/vaults/${vault}`))
    if (name.startsWith('folders')) disk.removeFile(`${homeFolder}/vaults/${vault}/${name}`);
}

describe('a source that is not there', () => {
  test('stays in the snapshot as it was', async () => {
    const world = await savedWorld();
    const before = await driveInNewest(world);
    write(world.disk, '/data/1', noise(2000, 7));
    expect(await runBackup(world, { sources: [data, unplugged] })).toMatchObject({ ...both, changedFiles: 1 });
    expect(Object.keys(before)).toHaveLength(6);
    expect(await driveInNewest(world)).toEqual(before);
  });

  test('stays so without a cache, run after run', async () => {
    const world = await savedWorld();
    const before = await driveInNewest(world);
    for (let run = 0; run < 3; run++) {
      forgetCache(world);
      expect(await runBackup(world, { sources: [data, unplugged] })).toMatchObject(both);
      expect(await driveInNewest(world)).toEqual(before);
    }
  });

  test('stays so for a new installation of the same computer', async () => {
    const world = await savedWorld();
    const before = await driveInNewest(world);
    expect(await runBackup(world, { sources: [data, unplugged], home: '/home/again' })).toMatchObject(both);
    expect(await driveInNewest(world)).toEqual(before);
  });

  test('is known by the cache when it is back', async () => {
    const world = await savedWorld();
    await runBackup(world, { sources: [data, unplugged] });
    world.disk.rename('/elsewhere', '/drive');
    write(world.disk, '/drive/b/d', noise(1500, 9));
    world.disk.failAt(1, 'EIO', { calls: ['open'], path: (path) => path.startsWith('/drive/a'), times: 99 });
    const back = { ...drive, look: { kind: 'folders', folders: new Set(['/drive/b']) } as const };
    expect(await runBackup(world, { sources: [data, back] })).toMatchObject({ ...both, bytes: 5500, changedFiles: 1 });
  });

  test('is left out when no snapshot has it yet', async () => {
    const world = await createWorld();
    write(world.disk, '/data/1', noise(2000, 1));
    expect(await runBackup(world, { sources: [data, unplugged] })).toMatchObject({ files: 1, folders: 1, failed: 0 });
    expect(await driveInNewest(world)).toEqual({});
  });

  test('is not taken from another computer, whose drive it may not be', async () => {
    const world = await savedWorld();
    await runBackup(world, { sources: [data, unplugged], home: '/home/other', host: 'another' });
    expect(await driveInNewest(world)).toEqual({});
  });

  test('ends the run when it is all there is and no snapshot has it', async () => {
    const world = await createWorld();
    await expect(runBackup(world, { sources: [unplugged] })).rejects.toMatchObject({ code: 'path.notFound' });
  });

  test('that is one file stays too', async () => {
    const world = await createWorld();
    write(world.disk, '/file', noise(2000, 1));
    const file: BackupSource = { path: '/file', ...usual };
    await runBackup(world, { sources: [file] });
    world.disk.removeFile('/file');
    const away = { ...file, look: { kind: 'nowhere' } as const };
    expect(await runBackup(world, { sources: [away] })).toMatchObject({ files: 1, folders: 0, bytes: 2000 });
    expect((await walkNewest(world)).files.get('/file')).toEqual(noise(2000, 1));
  });

  test('counts what could not be read of it as failed still', async () => {
    const world = await createWorld();
    write(world.disk, '/drive/a', noise(2000, 1));
    world.disk.failAt(1, 'EACCES', { calls: ['open'], path: (path) => path === '/drive/a', times: 9 });
    await runBackup(world, { sources: [drive] });
    for (const forgets of [false, true]) {
      if (forgets) forgetCache(world);
      expect(await runBackup(world, { sources: [unplugged] })).toMatchObject({
        ...{ files: 0, folders: 1, failed: 1, failures: [{ path: '/drive/a', code: 'EACCES' }] },
      });
    }
  });

  test('is shown as the newest snapshot has it that the vault still has whole', async () => {
    const world = await savedWorld();
    const before = await driveInNewest(world);
    const known = new Set(objectsIn(world.disk));
    world.disk.rename('/elsewhere', '/drive');
    write(world.disk, '/drive/a', noise(1000, 99));
    await runBackup(world, { sources: [data, drive] });
    for (const key of objectsIn(world.disk))
      if (!known.has(key) && key.startsWith('packs/')) world.disk.removeFile(`${storeFolder}/${key}`);
    const { snapshot } = await runBackup(world, { sources: [data, unplugged] });
    const vault = await openAfresh(world);
    const stored = vault.snapshots.find(({ id }) => id === snapshot);
    if (stored === undefined) throw new Error('no snapshot');
    expect(onDrive(portraitOfSnapshot(await walkSnapshot(await readAllPacks(vault), stored)))).toEqual(before);
    await vault.close();
  });

  test('is left out when no snapshot has it whole any more', async () => {
    const world = await savedWorld();
    for (const key of objectsIn(world.disk))
      if (key.startsWith('packs/')) world.disk.removeFile(`${storeFolder}/${key}`);
    expect(await runBackup(world, { sources: [data, unplugged] })).toMatchObject({ files: 1, folders: 1 });
  });
});
