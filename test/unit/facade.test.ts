import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as engine from '../../engine/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { sampleTree, treeDifferences, writeTree } from '../support/trees.ts';

describe('the public face of the engine', () => {
  test('takes files into a vault and back, on real ports', async () => {
    const folder = temporaryFolder();
    const files = join(folder, 'files');
    const store = join(folder, 'store');
    writeTree(files, sampleTree());
    const ports = engine.createPorts({ home: join(folder, 'home') });
    const { vault: id } = await engine.createVault(ports, { store, passphrase: 'open sesame' });
    const open = (mode: 'read' | 'write') =>
      engine.openVault(ports, {
        store,
        mode,
        secret: async () => ({ kind: 'passphrase', passphrase: 'open sesame' }),
      });
    const result = await engine.backup(ports, open('write'), {
      paths: [files],
      rules: { patterns: [], presets: [], cacheDirTag: false },
      oneFileSystem: true,
      tags: ['first'],
      app: 'coffer test',
      host: 'here',
      user: 'ann',
      userHome: folder,
    });
    expect(result).toMatchObject({ files: 8, failed: 0 });
    const vault = await open('read');
    try {
      const snapshot = engine.findSnapshot(vault, 'latest');
      expect(snapshot).toMatchObject({ id: result.snapshot, tags: ['first'], sources: [files] });
      expect(engine.vaultConfig(vault)).toMatchObject({ vault: id, version: 1, chunkIds: 'blake3' });
      expect(await engine.vaultStats(vault)).toMatchObject({ snapshots: 1, devices: 1, latest: snapshot });
      const target = join(folder, 'restored');
      mkdirSync(target);
      const plan = await engine.planRestore(ports, vault, { snapshot, paths: [files], target, userHome: folder });
      const restored = await engine.executeRestore(ports, vault, plan);
      expect(restored).toMatchObject({ files: 8, failed: 0 });
      expect(treeDifferences(files, target + files)).toEqual([]);
      expect((await engine.checkVault(ports, vault, { readData: 'all' })).findings).toEqual([]);
      expect(await engine.repairVault(ports, vault, { dryRun: true })).toMatchObject({ actions: [] });
    } finally {
      await vault.close();
    }
  });

  test('backs up sources with rules of their own, and keeps those that are not there', async () => {
    const folder = temporaryFolder();
    const [files, drive, store] = ['files', 'drive', 'store'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    for (const path of [files, drive]) writeTree(path, { 'a.txt': 'a', 'b.tmp': 'b' });
    const ports = engine.createPorts({ home: join(folder, 'home') });
    await engine.createVault(ports, { store, passphrase: 'open sesame' });
    const backup = (sources: readonly engine.BackupSource[]) =>
      engine.backup(
        ports,
        engine.openVault(ports, {
          ...{ store, mode: 'write' },
          secret: async () => ({ kind: 'passphrase', passphrase: 'open sesame' }),
        }),
        { sources, tags: [], app: 'coffer test', host: 'here', user: 'ann', userHome: folder },
      );
    const rules = { patterns: [], presets: [], cacheDirTag: false };
    const plain = { path: files, rules, otherFileSystems: false };
    const strict = { path: drive, rules: { ...rules, patterns: ['*.tmp'] }, otherFileSystems: false };
    expect(await backup([plain, strict])).toMatchObject({ files: 3, folders: 2, excluded: { pattern: 1 } });
    rmSync(drive, { recursive: true });
    expect(await backup([plain, { ...strict, look: { kind: 'nowhere' } }])).toMatchObject({ files: 3, folders: 2 });
  });

  test('refuses a handle that it did not make', async () => {
    const close = async (): Promise<void> => {};
    const forged = { id: 'a'.repeat(32) as never, url: '/v', notices: [], snapshots: [], close };
    await expect(engine.listKeys(forged)).rejects.toThrow(TypeError);
  });

  test('knows where its own data lies on each system', () => {
    expect(engine.defaultHome('linux', {}, '/home/ann')).toBe('/home/ann/.local/share/coffer');
    expect(engine.defaultHome('linux', { XDG_DATA_HOME: '/data' }, '/home/ann')).toBe('/data/coffer');
    expect(engine.defaultHome('darwin', {}, '/Users/ann')).toBe('/Users/ann/Library/Application Support/Coffer');
    expect(engine.defaultHome('win32', { LOCALAPPDATA: 'C:\\L' }, 'C:\\U')).toBe('C:\\L\\Coffer');
    expect(engine.defaultHome('win32', {}, 'C:\\U')).toBe('C:\\U\\AppData\\Local\\Coffer');
  });
});
