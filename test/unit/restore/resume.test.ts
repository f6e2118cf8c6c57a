import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { FileSystem } from '../../../engine/filesystem/index.ts';
import type { Ports } from '../../../engine/repository/index.ts';
import { noise, treeDifferences, writeTree } from '../../support/trees.ts';
import { makeVault, type TestVault } from '../../support/vault.ts';
import { dyingAt, dyingInside, inTarget, plan, restore, targetOf } from './support.ts';

const names = Array.from({ length: 40 }, (_, at) => `file-${String(at).padStart(2, '0')}`);

async function vaultOfMany(): Promise<TestVault> {
  const vault = await makeVault();
  writeTree(vault.files, Object.fromEntries(names.map((name, at) => [name, noise(2000 + at, at + 1)])));
  writeTree(join(vault.files, 'big'), { 'big.bin': noise(9_000_000) });
  await vault.backup();
  return vault;
}

const isHidden = (line: string): boolean => line.includes('.coffer-');

describe('a restore that was killed', () => {
  test.each([1, 2, 7, 20, 39, 41])('goes on when it is run again (after %i files)', async (count) => {
    const vault = await vaultOfMany();
    const { ports } = dyingAt(count, 'renameNoReplace');
    await expect(restore(vault, { ports: ports(vault) })).rejects.toThrow('dead');
    expect((await plan(vault)).plan.resumes).toBe(true);
    expect(await restore(vault)).toMatchObject({ files: 41, failed: 0, keptBoth: 0, skipped: 0 });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });

  test.each([3, 30, 50, 55])('goes on wherever it was (write %i)', async (count) => {
    const vault = await vaultOfMany();
    const { ports } = dyingAt(count, 'write');
    await restore(vault, { ports: ports(vault) }).catch(() => {});
    expect(await restore(vault)).toMatchObject({ files: 41, failed: 0, keptBoth: 0, skipped: 0 });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });

  test('looks again at what was not yet durable, and puts right what is not as it should be', async () => {
    const vault = await vaultOfMany();
    const { ports } = dyingAt(1, 'syncVolumeLater');
    await expect(restore(vault, { ports: ports(vault) })).rejects.toThrow('dead');
    writeFileSync(inTarget(vault, 'file-03'), new Uint8Array(2003));
    writeFileSync(inTarget(vault, 'file-04'), '');
    await restore(vault);
    expect(treeDifferences(vault.files, inTarget(vault)).filter((line) => !isHidden(line))).toEqual([]);
  });

  test('skips what is recorded as durable', async () => {
    const vault = await vaultOfMany();
    writeFileSync(join(vault.files, 'unreadable-later'), noise(100, 999));
    await vault.backup();
    // The first run ends with a failure, so that the second goes on.
    const first = await restore(vault, { ports: failingFor(vault, 'unreadable-later') });
    expect(first).toMatchObject({ files: 41, failed: 1 });
    const opened: string[] = [];
    const watching = { ...vault.ports.fileSystem };
    const { open } = watching;
    watching.open = (path, mode, permissions) => {
      if (path.startsWith(targetOf(vault))) opened.push(path);
      return open(path, mode, permissions);
    };
    expect(await restore(vault, { ports: { ...vault.ports, fileSystem: watching } })).toMatchObject({
      files: 42,
      failed: 0,
    });
    expect(opened.length).toBeLessThan(4);
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });

  test('restores again what was taken away meanwhile', async () => {
    const vault = await vaultOfMany();
    expect(await restore(vault, { ports: failingFor(vault, 'file-07') })).toMatchObject({ files: 40, failed: 1 });
    rmSync(inTarget(vault, 'big'), { recursive: true });
    rmSync(inTarget(vault, 'file-20'));
    expect((await plan(vault)).plan.resumes).toBe(true);
    expect(await restore(vault)).toMatchObject({ files: 41, failed: 0, keptBoth: 0 });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });

  const batchBytes = 1024 * 1024;
  async function vaultOfBig(): Promise<TestVault> {
    const vault = await makeVault();
    writeTree(vault.files, { 'big.bin': noise(20_000_000) });
    await vault.backup();
    return vault;
  }
  /** Bytes that a run writes into the target. */
  function counting(vault: TestVault): { readonly ports: Ports; bytes: number } {
    const fileSystem = { ...vault.ports.fileSystem };
    const { write, fstat } = fileSystem;
    const counted = { ports: { ...vault.ports, fileSystem }, bytes: 0 };
    fileSystem.write = (fd, bytes, position) => {
      if (fstat(fd).size > 200_000 || bytes.length > 200_000) counted.bytes += bytes.length;
      write(fd, bytes, position);
    };
    return counted;
  }

  test('in the middle of a big file goes on there', async () => {
    const vault = await vaultOfBig();
    await expect(restore(vault, { ports: dyingInside(vault, 25) }, { batchBytes })).rejects.toThrow('dead');
    const second = counting(vault);
    expect(await restore(vault, { ports: second.ports }, { batchBytes })).toMatchObject({ files: 1, failed: 0 });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
    expect(second.bytes).toBeGreaterThan(1_000_000);
    expect(second.bytes).toBeLessThan(17_000_000);
  });

  test('leaves no sync behind that would write to its record later', async () => {
    const vault = await vaultOfBig();
    const ports = dyingInside(vault, 25);
    const fileSystem = { ...ports.fileSystem };
    let syncs = 0;
    let running = 0;
    fileSystem.syncVolumeLater = async () => {
      syncs++;
      running++;
      await setTimeout(100);
      running--;
      return vault.ports.fileSystem.syncVolume(vault.folder);
    };
    await expect(restore(vault, { ports: { ...ports, fileSystem } }, { batchBytes })).rejects.toThrow('dead');
    expect(syncs).toBeGreaterThan(0);
    expect(running).toBe(0);
  });

  test.each([undefined, 25])('syncs through one descriptor, which is closed in the end (%s)', async (chunks) => {
    const vault = await vaultOfBig();
    const ports = chunks === undefined ? vault.ports : dyingInside(vault, chunks);
    const { syncVolumeLater, open, close } = ports.fileSystem;
    const held = new Set<number>();
    const synced: number[] = [];
    const fileSystem: FileSystem = {
      ...ports.fileSystem,
      open: (path, mode, permissions) => {
        const fd = open(path, mode, permissions);
        held.add(fd);
        return fd;
      },
      close: (fd) => {
        held.delete(fd);
        close(fd);
      },
      syncVolumeLater: async (fd) => {
        expect(held).toContain(fd);
        synced.push(fd);
        return await syncVolumeLater(fd);
      },
    };
    await restore(vault, { ports: { ...ports, fileSystem } }, { batchBytes }).catch(() => {});
    expect(synced.length).toBeGreaterThan(1);
    expect(new Set(synced).size).toBe(1);
    expect(held.has(synced[0] ?? -1)).toBe(false);
  });

  test('never takes a new temporary file for one that it had written to', async () => {
    const vault = await vaultOfBig();
    await restore(vault, { ports: dyingInside(vault, 25) }, { batchBytes }).catch(() => {});
    const part = readdirSync(inTarget(vault)).find((name) => name.endsWith('.part')) ?? '';
    rmSync(inTarget(vault, part));
    await restore(vault, { ports: dyingInside(vault, 2) }, { batchBytes }).catch(() => {});
    expect(readdirSync(inTarget(vault))).toEqual([part]);
    await restore(vault, {}, { batchBytes });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });

  test('is another restore when anything else is wanted', async () => {
    const vault = await vaultOfMany();
    const { ports } = dyingAt(5, 'renameNoReplace');
    await restore(vault, { ports: ports(vault) }).catch(() => {});
    await expect(plan(vault, { paths: [join(vault.files, 'big')] })).rejects.toMatchObject({ code: 'target.notEmpty' });
    expect((await plan(vault, { onConflict: 'skip' })).plan.resumes).toBe(false);
  });

  test('replaces what it was to replace, and the old file is still there to go back to', async () => {
    const vault = await vaultOfMany();
    writeTree(inTarget(vault), Object.fromEntries(names.map((name) => [name, 'old'])));
    const { ports } = dyingAt(20, 'rename');
    await restore(vault, { ports: ports(vault), onConflict: 'overwrite' }).catch(() => {});
    for (const name of names) expect(readFileSync(inTarget(vault, name)).length).toBeGreaterThan(2);
    await restore(vault, { onConflict: 'overwrite' });
    expect(treeDifferences(vault.files, inTarget(vault)).filter((line) => !isHidden(line))).toEqual([]);
    const kept = readdirSync(inTarget(vault)).filter((name) => name.endsWith('.old'));
    expect(kept.map((name) => readFileSync(inTarget(vault, name), 'utf8'))).toEqual(names.map(() => 'old'));
  });
});

describe('a restore that is stopped', () => {
  test('leaves nothing half written, and goes on when it is run again', async () => {
    const vault = await vaultOfMany();
    const stop = new AbortController();
    const stopping = { ...vault.ports.fileSystem };
    const { write } = stopping;
    let writes = 0;
    stopping.write = (fd, bytes, position) => {
      if (++writes === 50) stop.abort();
      write(fd, bytes, position);
    };
    const run = restore(vault, { ports: { ...vault.ports, fileSystem: stopping } }, { signal: stop.signal });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    for (const line of treeDifferences(vault.files, inTarget(vault))) expect(line).toMatch(/only on the left|mtime/);
    expect(readdirSync(targetOf(vault), { recursive: true, encoding: 'utf8' }).filter(isHidden)).toEqual([]);
    expect(await restore(vault)).toMatchObject({ files: 41, failed: 0, keptBoth: 0 });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });

  /** A file system that heeds the mode of folders, as it does for anyone but the administrator. */
  function heedingModes(fileSystem: FileSystem): FileSystem {
    const demand = (folder: string, permission: number): void => {
      if ((fileSystem.lstat(folder).mode & permission) === permission) return;
      throw Object.assign(new Error(folder), { code: 'EACCES' });
    };
    return {
      ...fileSystem,
      list(folder) {
        demand(folder, 0o400);
        return fileSystem.list(folder);
      },
      open(path, mode, permissions) {
        demand(dirname(path), mode === 'create' ? 0o300 : 0o100);
        return fileSystem.open(path, mode, permissions);
      },
      makeFolder(path, permissions) {
        demand(dirname(path), 0o300);
        fileSystem.makeFolder(path, permissions);
      },
      renameNoReplace(from, to) {
        demand(dirname(to), 0o300);
        fileSystem.renameNoReplace(from, to);
      },
    };
  }

  test('goes on in folders that nobody may write to, which stay so in the end', async () => {
    const vault = await vaultOfMany();
    chmodSync(join(vault.files, 'big'), 0o500);
    chmodSync(vault.files, 0o555);
    await vault.backup();
    const fileSystem = heedingModes(vault.ports.fileSystem);
    const ports = { ...vault.ports, fileSystem };
    const stop = new AbortController();
    const stopping = { ...fileSystem };
    let names = 0;
    stopping.renameNoReplace = (from, to) => {
      fileSystem.renameNoReplace(from, to);
      if (++names === 5) stop.abort();
    };
    const run = restore(vault, { ports: { ...ports, fileSystem: stopping } }, { signal: stop.signal });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(await restore(vault, { ports })).toMatchObject({ files: 41, failed: 0, keptBoth: 0 });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });

  test('before it began writes no file', async () => {
    const vault = await vaultOfMany();
    const run = restore(vault, {}, { signal: AbortSignal.abort() });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect((await restore(vault)).files).toBe(41);
  });

  test('by a full disk says so, keeps what is whole, and goes on when there is space', async () => {
    const vault = await vaultOfMany();
    const full = { ...vault.ports.fileSystem };
    const { write } = full;
    let left = 60_000;
    full.write = (fd, bytes, position) => {
      const isFile = bytes.length >= 1990 && bytes.length < 2100;
      if (isFile) left -= bytes.length;
      if (isFile && left < 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      write(fd, bytes, position);
    };
    await expect(restore(vault, { ports: { ...vault.ports, fileSystem: full } })).rejects.toMatchObject({
      code: 'target.full',
    });
    expect(readdirSync(targetOf(vault), { recursive: true, encoding: 'utf8' }).filter(isHidden)).toEqual([]);
    expect(await restore(vault)).toMatchObject({ files: 41, failed: 0, keptBoth: 0 });
    expect(treeDifferences(vault.files, inTarget(vault))).toEqual([]);
  });
});

function failingFor(vault: TestVault, name: string): Ports {
  const fileSystem = { ...vault.ports.fileSystem };
  const { renameNoReplace } = fileSystem;
  fileSystem.renameNoReplace = (from, to) => {
    if (to.endsWith(`/${name}`)) throw Object.assign(new Error('refused'), { code: 'EACCES' });
    renameNoReplace(from, to);
  };
  return { ...vault.ports, fileSystem };
}
