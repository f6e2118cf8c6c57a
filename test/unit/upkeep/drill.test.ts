import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../engine/base/index.ts';
import type { FileSystem } from '../../../engine/filesystem/index.ts';
import type { Ports } from '../../../engine/repository/index.ts';
import { type DrillOptions, type DrillResult, drillVault, keptReports } from '../../../engine/upkeep/index.ts';
import { readFile, sampleTree, writeTree } from '../../support/trees.ts';
import { flipByte, makeVault, objectsIn, type TestVault } from '../../support/vault.ts';

async function drill(
  vault: TestVault,
  options: Partial<DrillOptions> = {},
  ports: Ports = vault.ports,
): Promise<DrillResult> {
  const reach = { kind: 'sample', files: 32 } as const;
  return await drillVault(await vault.open(), ports, { reach, ...options });
}

async function filled(): Promise<TestVault> {
  const vault = await makeVault();
  writeTree(vault.files, sampleTree());
  // Files that a run has met while they were young are not compared with what is here.
  vault.clock.advance(3_600_000);
  await vault.backup();
  return vault;
}

const filesOfSample = 8;
const bytesOfSample = 3_000_000 + 700_000 + 11 + 8 + 2 + 7;

const drillsIn = (vault: TestVault): string[] => {
  const drills = join(vault.folder, 'home', 'drills');
  return existsSync(drills) ? readdirSync(drills) : [];
};

const textOf = (bytes: Uint8Array | null): string => new TextDecoder().decode(bytes ?? new Uint8Array());
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const withFileSystem = (vault: TestVault, change: (real: FileSystem) => Partial<FileSystem>): Ports => {
  const real = vault.ports.fileSystem;
  return { ...vault.ports, fileSystem: { ...real, ...change(real) } };
};

describe('a drill', () => {
  test('restores, compares with the snapshot and with the files here, and leaves nothing behind', async () => {
    const vault = await filled();
    const { report } = await drill(vault);
    expect(report).toMatchObject({
      ...{ kind: 'sample', files: filesOfSample, bytes: bytesOfSample, comparedWithHere: filesOfSample },
      ...{ failed: 0, failures: [], place: vault.store },
    });
    expect(drillsIn(vault)).toEqual([]);
    expect(readdirSync(join(vault.folder, 'home'))).not.toContain('restores');
  });

  test('of everything restores the newest snapshot whole, also on threads and on another disk', async () => {
    const vault = await makeVault({ threads: true });
    writeTree(vault.files, {
      ...sampleTree(),
      many: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${at}`, `${at}`])),
    });
    vault.clock.advance(3_600_000);
    await vault.backup();
    const folder = join(vault.folder, 'elsewhere');
    mkdirSync(folder);
    const phases = new Set<string>();
    const { report } = await drill(vault, {
      ...{ reach: { kind: 'full' }, folder },
      onProgress: ({ phase }) => phases.add(phase),
    });
    expect(report).toMatchObject({ kind: 'full', files: 308, comparedWithHere: 308, failed: 0 });
    expect(readdirSync(folder)).toEqual([]);
    expect(drillsIn(vault)).toEqual([]);
  });

  test('takes a part from older snapshots, and compares only what is unchanged with what is here', async () => {
    const vault = await filled();
    writeTree(vault.files, { 'notes.txt': 'another first line\n', 'new.txt': 'new' });
    vault.clock.advance(3_600_000);
    await vault.backup();
    writeTree(vault.files, { 'new.txt': 'new, and changed since' });
    const { report } = await drill(vault);
    expect(report.snapshots).toHaveLength(2);
    // Nine of the newest, one of them changed here since, and eight of the one before, one of them changed long ago.
    expect(report).toMatchObject({ files: 17, failed: 0, comparedWithHere: 15 });
  });

  test('keeps a signed report, and of many the newest', async () => {
    const vault = await filled();
    const opened = await vault.open();
    expect(await keptReports(opened)).toEqual([]);
    await drill(vault);
    const [first] = JSON.parse(textOf(opened.local.read('drills')));
    opened.local.write('drills', bytesOf(Array.from({ length: 26 }, () => first)));
    vault.clock.advance(1000);
    await drill(vault);
    const kept = await keptReports(opened);
    expect(kept).toHaveLength(26);
    expect(kept[0]?.report.atMs).toBe((kept[1]?.report.atMs ?? 0) + 1000);
    for (const { report, signed } of kept) expect(JSON.parse(signed?.statement ?? '')).toEqual(report);
    // A report that was changed does not count.
    const [newest, ...others] = JSON.parse(textOf(opened.local.read('drills')));
    const forged = { ...newest, statement: newest.statement.replace('"failed":0', '"failed":1') };
    opened.local.write('drills', bytesOf([forged, ...others]));
    expect(await keptReports(opened)).toEqual(kept.slice(1));
  });

  test('by a computer that has written nothing is not signed, and compares nothing with what is here', async () => {
    const vault = await filled();
    const other = vault.from('other-home');
    const { report, signed } = await drill(other);
    expect(signed).toBeNull();
    expect(report).toMatchObject({ files: filesOfSample, comparedWithHere: 0, failed: 0 });
    expect(await keptReports(await other.open())).toMatchObject([{ signed: null }]);
  });

  test('of a vault without snapshots says so; of one without files it proves nothing', async () => {
    const vault = await makeVault();
    await expect(drill(vault)).rejects.toMatchObject({ code: 'snapshot.none' });
    mkdirSync(vault.files);
    await vault.backup();
    expect((await drill(vault)).report).toMatchObject({ files: 0, failed: 0 });
  });
});

describe('what is wrong is found', () => {
  test('data that is damaged at the place: the file is named, the others are proven', async () => {
    const vault = await filled();
    const pack =
      objectsIn(vault.store, 'packs/').find((key) => statSync(join(vault.store, key)).size > 2_000_000) ?? '';
    flipByte(join(vault.store, pack), 64 + 5);
    const { report } = await drill(vault);
    expect(report.failed).toBeGreaterThan(0);
    expect(report.files + report.failed).toBe(filesOfSample);
    expect(report.failures[0]).toMatchObject({ reason: 'not-restored', code: 'object.damaged' });
    expect(report.failures.every(({ path }) => path.startsWith(vault.files))).toBe(true);
  });

  test('a disk that gives back other bytes than were written to it', async () => {
    const vault = await filled();
    // The drill's own reading of what it restored: a restore proves what it writes, and nobody what the disk made of it.
    const lying = withFileSystem(vault, (real) => {
      const restored = new Set<number>();
      return {
        open(path, mode, permissions) {
          const fd = real.open(path, mode, permissions);
          if (mode === 'read' && path.includes('coffer-drill-') && path.endsWith('/one.raw')) restored.add(fd);
          return fd;
        },
        read(fd, into, position) {
          const got = real.read(fd, into, position);
          if (restored.has(fd) && position === 0 && got > 0) into[100] = (into[100] ?? 0) ^ 1;
          return got;
        },
        close(fd) {
          restored.delete(fd);
          real.close(fd);
        },
      };
    });
    const { report } = await drill(vault, {}, lying);
    expect(report).toMatchObject({ files: filesOfSample - 1, failed: 1 });
    expect(report.failures).toEqual([{ path: join(vault.files, 'photos/one.raw'), reason: 'other-bytes', code: null }]);
  });

  /** A backup that was given wrong bytes by a bad memory or cable: the snapshot is whole, and of another file. */
  async function misread(): Promise<TestVault> {
    const vault = await makeVault();
    writeTree(vault.files, sampleTree());
    vault.clock.advance(3_600_000);
    const real = vault.ports.fileSystem;
    const sources = new Set<number>();
    const misreading: FileSystem = {
      ...real,
      open(path, mode, permissions) {
        const fd = real.open(path, mode, permissions);
        if (path === join(vault.files, 'notes.txt')) sources.add(fd);
        return fd;
      },
      read(fd, into, position) {
        const got = real.read(fd, into, position);
        if (sources.has(fd) && got > 0) into[0] = 'F'.charCodeAt(0);
        return got;
      },
      close(fd) {
        sources.delete(fd);
        real.close(fd);
      },
    };
    Object.assign(vault.ports, { fileSystem: misreading });
    await vault.backup();
    Object.assign(vault.ports, { fileSystem: real });
    return vault;
  }

  test('a backup that read something else than stands in the file, which did not change since', async () => {
    const vault = await misread();
    const { report } = await drill(vault);
    const path = join(vault.files, 'notes.txt');
    expect(report.failures).toEqual([{ path, reason: 'other-than-here', code: null }]);
    expect(report).toMatchObject({ files: filesOfSample - 1, failed: 1 });
    // Once the file is changed, nobody can tell any more, and the snapshot is what it is.
    writeFileSync(path, 'first line, changed\n');
    expect((await drill(vault)).report).toMatchObject({ failed: 0, comparedWithHere: filesOfSample - 1 });
  });

  test('which a drill that compares with itself would not find: the planted fault turns the test above red', async () => {
    const vault = await misread();
    // Wherever the drill means the file here, it gets what it has restored itself.
    let restored = '';
    const withItself = withFileSystem(vault, (real) => ({
      open(path, mode, permissions) {
        if (path.includes('coffer-drill-') && path.endsWith('/notes.txt')) restored = path;
        return real.open(path === join(vault.files, 'notes.txt') ? restored : path, mode, permissions);
      },
      fstat: (fd) => ({ ...real.fstat(fd), ...ctimeOf(real, join(vault.files, 'notes.txt'), real.fstat(fd)) }),
    }));
    expect((await drill(vault, {}, withItself)).report).toMatchObject({ failed: 0, files: filesOfSample });
  });

  /** What a restored file cannot have of the one it was made from. */
  function ctimeOf(real: FileSystem, path: string, stat: { readonly size: number }): object {
    const { ctimeSeconds, ctimeNanoseconds, size } = real.lstat(path);
    return stat.size === size ? { ctimeSeconds, ctimeNanoseconds } : {};
  }
});

describe('the room for a drill', () => {
  test('is for this user alone while it is there', async () => {
    const vault = await filled();
    const modes = new Set<string>();
    const looking = withFileSystem(vault, (real) => ({
      open(path, mode, permissions) {
        const [top] = /^.*coffer-drill-[0-9a-f]{16}/.exec(path) ?? [];
        if (top !== undefined) modes.add((real.lstat(top).mode & 0o777).toString(8));
        return real.open(path, mode, permissions);
      },
    }));
    await drill(vault, {}, looking);
    expect([...modes]).toEqual(['700']);
  });

  test('is looked for first: without it nothing is restored', async () => {
    const vault = await filled();
    const full = withFileSystem(vault, () => ({ freeBytes: () => 1_000_000 }));
    for (const reach of [{ kind: 'sample', files: 3 }, { kind: 'full' }] as const) {
      await expect(drill(vault, { reach }, full)).rejects.toMatchObject({ code: 'drill.noRoom' });
    }
    expect(drillsIn(vault)).toEqual([]);
    // With some, the sample is as large as fits.
    const some = withFileSystem(vault, () => ({ freeBytes: () => 512 * 1024 * 1024 + 1_500_000 }));
    const { report } = await drill(vault, {}, some);
    expect(report).toMatchObject({ failed: 0, files: filesOfSample - 1 });
  });

  test('that a killed drill left is cleared up by the next, wherever it was and whatever modes its folders have', async () => {
    const vault = await filled();
    const elsewhere = join(vault.folder, 'elsewhere');
    mkdirSync(elsewhere);
    const stuck = withFileSystem(vault, () => ({
      removeFolder: () => {
        throw Object.assign(new Error('killed here'), { code: 'EIO' });
      },
      removeFile: () => {
        throw Object.assign(new Error('killed here'), { code: 'EIO' });
      },
    }));
    await drill(vault, { folder: elsewhere }, stuck).catch(() => {});
    expect(drillsIn(vault)).toHaveLength(1);
    const [left = ''] = readdirSync(elsewhere);
    const real = vault.ports.fileSystem;
    mkdirSync(join(elsewhere, left, 'closed/inner'), { recursive: true });
    real.makeLink(vault.files, join(elsewhere, left, 'closed/way-out'));
    real.setMode(join(elsewhere, left, 'closed'), 0o000);
    await drill(vault);
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(drillsIn(vault)).toEqual([]);
    // The way out was not taken.
    expect(readFile(real, join(vault.files, 'notes.txt'))).toHaveLength(11);
  });

  test('of another drill that runs is left alone, and one on a drive that is away is remembered', async () => {
    const vault = await filled();
    const drills = join(vault.folder, 'home', 'drills');
    const running = join(drills, 'aa');
    const away = join(drills, 'bb');
    for (const path of [running, away]) mkdirSync(path, { recursive: true });
    writeFileSync(join(away, 'where'), '/no/such/drive/coffer-drill-bb');
    const lock = vault.ports.fileSystem.lock(join(running, 'lock'));
    await drill(vault);
    expect(drillsIn(vault).sort()).toEqual(['aa', 'bb']);
    lock?.release();
    await drill(vault);
    expect(drillsIn(vault)).toEqual(['bb']);
  });

  test('that a record names and no drill has made is not touched', async () => {
    const vault = await filled();
    const record = join(vault.folder, 'home', 'drills', 'cc');
    mkdirSync(record, { recursive: true });
    writeFileSync(join(record, 'where'), vault.files);
    await drill(vault);
    expect(drillsIn(vault)).toEqual([]);
    expect(readdirSync(vault.files)).toHaveLength(7);
  });

  test('is empty again after a drill that was stopped, and no report is kept', async () => {
    const vault = await filled();
    const stop = new AbortController();
    const stopping = withFileSystem(vault, (real) => ({
      open(path, mode, permissions) {
        if (mode === 'read' && path.includes('coffer-drill-')) stop.abort(new Error('stopped by the person'));
        return real.open(path, mode, permissions);
      },
    }));
    await expect(drill(vault, { signal: stop.signal }, stopping)).rejects.toThrow();
    expect(drillsIn(vault)).toEqual([]);
    expect(await keptReports(await vault.open())).toEqual([]);
  });
});

test('a drill of many files lets others have their turn on the thread, all the time', async () => {
  const vault = await makeVault();
  const many = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`${at}`, `${at}`]));
  writeTree(vault.files, { one: many, two: many });
  await vault.backup();
  let turns = 0;
  const clock: Clock = {
    ...vault.clock,
    monotonic: () => performance.now(),
    sleep: async (delayMs) => {
      turns++;
      await systemClock.sleep(delayMs);
    },
  };
  const { report } = await drill(vault, { reach: { kind: 'full' } }, { ...vault.ports, clock });
  expect(report).toMatchObject({ files: 800, failed: 0 });
  expect(turns).toBeGreaterThan(0);
});
