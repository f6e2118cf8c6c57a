import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Computer, makeComputer } from '../support/coffer.ts';
import { type Guarded, guard } from '../support/guarded.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

/** Drives that come and go, as a daemon meets them. Row 19 of the fault list. */

vi.setConfig({ testTimeout: 180_000 });

const saved = (state: { standing: string }): boolean => state.standing === 'safe';

describe('a place that is unplugged', () => {
  test('is waited for, its empty mount point stays empty, and what changed meanwhile is saved when it is back', async () => {
    const guarded = await guard('coffer-unplugged', { fill: (files) => writeFileSync(join(files, 'a'), 'first') });
    const { computer, files } = guarded;
    await guarded.untilSafe();
    renameSync(computer.store, computer.at('unplugged'));
    mkdirSync(computer.store);
    writeFileSync(join(files, 'b'), 'second');
    const state = await guarded.until('waited', ({ reason }) => reason?.code === 'wait.placeMissing');
    expect(state.exposure.files).toBeGreaterThan(0);
    expect(readdirSync(computer.store)).toEqual([]);
    rmSync(computer.store, { recursive: true });
    renameSync(computer.at('unplugged'), computer.store);
    await guarded.until('went on', saved);
    expect(await guarded.faults()).toEqual([]);
  });

  test('is not mistaken for another vault at its path, of which no byte is written', async () => {
    const guarded = await guard('coffer-another', { fill: (files) => writeFileSync(join(files, 'a'), 'first') });
    const { computer, files } = guarded;
    const other = await makeComputer('coffer-other');
    onTestFinished(() => other.remove());
    await guarded.untilSafe();
    renameSync(computer.store, computer.at('unplugged'));
    cpSync(other.store, computer.store, { recursive: true });
    const before = bytesIn(computer.store);
    writeFileSync(join(files, 'b'), 'second');
    const state = await guarded.until('noticed', ({ reason }) => reason?.context.error === 'vault.another');
    expect(state.standing).toBe('attention');
    await guarded.daemon.api.backUpNow({ anyway: true });
    await guarded.until('ended', ({ run }) => run === null);
    expect(bytesIn(computer.store)).toEqual(before);
    rmSync(computer.store, { recursive: true });
    renameSync(computer.at('unplugged'), computer.store);
    await guarded.until('went on', saved);
    expect(await guarded.faults()).toEqual([]);
  });
});

describe('a source that is not there', () => {
  test('is no deletion: what was saved of it stays in new snapshots, and nothing runs because of it', async () => {
    const guarded = await guard('coffer-source-gone', { fill: (files) => writeFileSync(join(files, 'a'), 'first') });
    const { computer, daemon, files } = guarded;
    const second = await secondSource(guarded);
    await guarded.untilSafe();
    await daemon.kill();
    renameSync(files, computer.at('away'));
    await daemon.start();
    await guarded.until('missed', ({ sources }) => sources.some(({ watching }) => watching === 'absent'));
    writeFileSync(join(second, 'b'), 'second');
    await guarded.untilSafe();
    expect(await namesKept(computer)).toContain('a');
    const before = (await guarded.told('runDone')).length;
    await noRunWithin(guarded, 3_000, before);

    renameSync(computer.at('away'), files);
    writeFileSync(join(files, 'c'), 'made while it was away');
    await guarded.until('back', ({ sources }) => sources.every(({ watching }) => watching === 'events'));
    await guarded.untilSafe();
    expect(await namesKept(computer)).toEqual(expect.arrayContaining(['a', 'b', 'c']));
    expect(await guarded.faults()).toEqual([]);
  });

  for (const isRunning of [true, false]) {
    const when = isRunning ? 'while the daemon runs' : 'before the daemon starts';
    test(`is told from the empty mount point of its drive, and from another drive, ${when}`, async ({ skip }) => {
      const drive = await driveOf('coffer-mount');
      if (drive === null) return skip('needs root and a system that lets it mount');
      const { guarded, computer, files } = drive;
      const { daemon } = guarded;
      const second = await secondSource(guarded);
      await guarded.untilSafe();
      const change = async (deed: () => void): Promise<void> => {
        if (!isRunning) await daemon.stop();
        deed();
        if (!isRunning) await daemon.start();
      };
      const states = [
        { name: 'unplugged', deed: () => drive.unplug() },
        { name: 'another', deed: () => drive.plugAnother() },
      ];
      for (const { name, deed } of states) {
        await change(deed);
        writeFileSync(join(second, name), name);
        // At once, before a look every few seconds may have found it.
        await daemon.api.backUpNow({ anyway: true });
        await guarded.untilSafe();
        expect([name, ...(await namesKept(computer))]).toEqual(expect.arrayContaining(['on the drive', name]));
        const seen = await guarded.until('missed', ({ sources }) => sources.some((at) => at.watching === 'absent'));
        expect(seen.reason).toMatchObject({ code: 'attention.sourceMissing', context: { path: files } });
      }
      await change(() => drive.plugIn());
      writeFileSync(join(files, 'later'), 'on the drive again');
      await guarded.until('back', ({ sources }) => sources.every(({ watching }) => watching === 'events'));
      await guarded.untilSafe();
      expect(await namesKept(computer)).toEqual(expect.arrayContaining(['on the drive', 'later']));
      expect(await guarded.faults()).toEqual([]);
    });
  }

  test('but a folder that was emptied, or made anew, is what it is', async () => {
    const guarded = await guard('coffer-emptied', { fill: (files) => writeFileSync(join(files, 'a'), 'first') });
    const { computer, daemon, files } = guarded;
    await secondSource(guarded);
    await guarded.untilSafe();
    await daemon.stop();
    rmSync(files, { recursive: true });
    mkdirSync(files);
    await daemon.start();
    await guarded.untilSafe();
    expect(await namesKept(computer)).not.toContain('a');
    expect(await guarded.faults()).toEqual([]);
  });
});

/** A second source beside the first: what changes in it makes runs. */
async function secondSource({ computer, daemon }: Guarded): Promise<string> {
  const path = computer.at('second');
  mkdirSync(path);
  writeFileSync(join(path, 'other'), 'beside');
  await daemon.api.addSource({ path, rules: { patterns: [], presets: [], cacheDirTag: true, oneFileSystem: true } });
  return path;
}

/** The source is the mount point of a file system of its own. */
async function driveOf(name: string) {
  let disks: { readonly one: string; readonly another: string } | null = null;
  const mounted: string[] = [];
  let files = '';
  const bind = (disk: string): void => {
    execFileSync('mount', ['--bind', disk, files]);
    mounted.push(files);
  };
  const unplug = (): void => {
    execFileSync('umount', ['-l', files]);
    mounted.splice(mounted.lastIndexOf(files), 1);
  };
  const guarded = await guard(name, {
    release() {
      for (const path of mounted.toReversed()) execFileSync('umount', ['-l', path], { stdio: 'ignore' });
    },
    fill(path) {
      files = path;
      const [one, another] = [`${path} one`, `${path} another`];
      if (mountSmallDisk(one, 8) === null) return;
      mounted.push(one);
      mountSmallDisk(another, 8);
      mounted.push(another);
      writeFileSync(join(one, 'on the drive'), 'saved before');
      writeFileSync(join(another, 'of somebody else'), 'not chosen');
      disks = { one, another };
      bind(one);
    },
  });
  const found = disks as { readonly one: string; readonly another: string } | null;
  if (found === null) return null;
  return {
    guarded,
    computer: guarded.computer,
    files,
    unplug,
    plugAnother: () => bind(found.another),
    plugIn() {
      unplug();
      bind(found.one);
    },
  };
}

/** Names of files in the newest snapshot. */
async function namesKept(computer: Computer): Promise<string[]> {
  const listed = await computer.coffer(['ls', 'latest', '--recursive']);
  if (listed.exit !== 0) throw new Error(listed.err);
  return listed.out.split('\n').map((line) => line.slice(line.lastIndexOf('/') + 1));
}

function bytesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter(existsSync)
      .sort()
      .map((path) => [path, readFileSync(path, 'base64')]),
  );
}

async function noRunWithin(guarded: Guarded, lookMs: number, before: number): Promise<void> {
  for (const began = performance.now(); performance.now() - began < lookMs; ) {
    expect((await guarded.told('runDone')).length).toBe(before);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
