import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { copyFolder, makeComputer } from '../support/coffer.ts';
import { restoreLatest } from '../support/restored.ts';
import { treeDifferences, writeTree } from '../support/trees.ts';
import { makeVault, type TestVault } from '../support/vault.ts';

/** I5: a place that shows less than was seen there is an alarm; a computer that forgot something is not. */

let vault: TestVault;

const at = (name: string): string => join(vault.folder, name);

beforeEach(async () => {
  vault = await makeVault();
  writeTree(vault.files, { 'diary.txt': 'day 0\n', photos: { 'one.jpg': 'jpeg' } });
  await backUp('day 1\n');
});

/** A snapshot more, of a source that has changed. */
async function backUp(text: string, on: TestVault = vault): Promise<void> {
  writeFileSync(join(on.files, 'diary.txt'), text);
  expect(await on.backup()).toMatchObject({ failed: 0 });
}

const alarm = { code: 'vault.rolledBack' };

async function expectAlarm(on: TestVault = vault): Promise<void> {
  await expect(on.open()).rejects.toMatchObject(alarm);
  await expect(on.backup()).rejects.toMatchObject(alarm);
}

async function noticesOf(on: TestVault = vault): Promise<string> {
  return (await on.open()).notices.join('\n');
}

async function devicesOf(on: TestVault = vault): Promise<string[]> {
  return (await on.open()).snapshots.map(({ snapshot }) => snapshot.device);
}

/** Ends every test here: all that the vault names is there, and the newest snapshot is the source. */
async function expectWhole(on: TestVault = vault): Promise<void> {
  expect(await on.check({ readData: 'all' })).toMatchObject({ findings: [], affectedFiles: 0 });
  const restored = await restoreLatest(on, at('restored'));
  expect(treeDifferences(on.files, restored)).toEqual([]);
}

/** Leaves the first entries of each device's log. */
function cutLogs(store: string, keep: number): void {
  for (const device of readdirSync(join(store, 'heads'))) {
    const folder = join(store, 'heads', device);
    for (const name of readdirSync(folder).sort().slice(keep)) rmSync(join(folder, name));
  }
}

describe('a place that went back', () => {
  test('an older copy of the vault is noticed, and nothing is written to it', async () => {
    const old = copyFolder(vault.store, at('old'));
    await backUp('day 2\n');
    copyFolder(old, vault.store);
    const before = readdirSync(vault.store, { recursive: true }).sort();
    await expectAlarm();
    expect(readdirSync(vault.store, { recursive: true }).sort()).toEqual(before);
  });

  test('a log whose newest entries were deleted is noticed, however many', async () => {
    await backUp('day 2\n');
    await backUp('day 3\n');
    for (const keep of [2, 1, 0]) {
      cutLogs(vault.store, keep);
      await expectAlarm();
    }
  });

  test('another computer that has seen more notices it too', async () => {
    const other = vault.from('other home');
    await backUp('day 2\n');
    await other.open();
    cutLogs(vault.store, 1);
    await expectAlarm(other);
  });

  test('a computer that never saw the newer state cannot know, and works', async () => {
    await backUp('day 2\n');
    cutLogs(vault.store, 1);
    expect(await noticesOf(vault.from('new home'))).toBe('');
  });

  test('a fork, where the other branch is as long, is noticed', async () => {
    const oldStore = copyFolder(vault.store, at('old store'));
    const oldHome = copyFolder(vault.ports.home, at('old home'));
    await backUp('day 2\n');
    const mine = copyFolder(vault.ports.home, at('my home'));
    copyFolder(oldStore, vault.store);
    copyFolder(oldHome, vault.ports.home);
    await backUp('another day 2\n');
    copyFolder(mine, vault.ports.home);
    await expectAlarm();
  });

  test('accepting it makes the place usable again, under a new device name', async () => {
    const old = copyFolder(vault.store, at('old'));
    await backUp('day 2\n');
    copyFolder(old, vault.store);
    const accepted = await vault.open({ acceptRollback: true, mode: 'write' });
    expect(accepted.notices.join()).toMatch(/accepted.*new device name/);
    await accepted.close();
    await backUp('day 3\n');
    const [first, second] = await devicesOf();
    expect(second).not.toBe(first);
    expect(await noticesOf()).toBe('');
    await expectWhole();
  });

  test('two copies of a vault at two places are remembered apart: one that is merely late is no alarm', async () => {
    const late = copyFolder(vault.store, at('second store'));
    await backUp('day 2\n');
    expect((await vault.open({ store: late })).snapshots).toHaveLength(1);
    expect((await vault.open()).snapshots).toHaveLength(2);
    await expectWhole();
  });
});

describe('a computer that went back', () => {
  test('without its COFFER_HOME it goes on under a new device name, with all snapshots and nothing stored again', async () => {
    rmSync(vault.ports.home, { recursive: true });
    expect(await vault.backup()).toMatchObject({ newBytes: 0, failed: 0, notices: [] });
    const [first, second] = await devicesOf();
    expect(second).not.toBe(first);
    await expectWhole();
  });

  test('put back from a disk image it says so calmly, takes a new device name, and keeps all snapshots', async () => {
    const image = copyFolder(vault.ports.home, at('image'));
    await backUp('day 2\n');
    await backUp('day 3\n');
    copyFolder(image, vault.ports.home);
    expect(await noticesOf()).toBe('');
    writeFileSync(join(vault.files, 'diary.txt'), 'day 4\n');
    const { failed, notices } = await vault.backup();
    expect([failed, notices.join()]).toEqual([
      0,
      expect.stringMatching(/newer entries of this computer.*all snapshots stay/),
    ]);
    const devices = await devicesOf();
    expect(devices).toHaveLength(4);
    expect(new Set(devices).size).toBe(2);
    expect(await noticesOf()).toBe('');
    await expectWhole();
  });

  test('cloned, both go on: each of them under a name of its own, and each sees all', async () => {
    const clone = vault.from('clone');
    copyFolder(vault.ports.home, clone.ports.home);
    await backUp('day 2\n');
    await backUp('day 3\n', clone);
    await backUp('day 4\n');
    await backUp('day 5\n', clone);
    const devices = await devicesOf();
    expect(devices).toHaveLength(5);
    expect(new Set(devices).size).toBe(2);
    expect(await devicesOf(clone)).toEqual(devices);
    expect(await noticesOf()).toBe('');
    expect(await noticesOf(clone)).toBe('');
    await expectWhole(clone);
  });

  test('reading with an old COFFER_HOME changes nothing', async () => {
    const image = copyFolder(vault.ports.home, at('image'));
    await backUp('day 2\n');
    copyFolder(image, vault.ports.home);
    expect(await devicesOf()).toHaveLength(2);
    expect(await devicesOf()).toHaveLength(2);
    await expectWhole();
  });
});

test('on the command line a rollback is exit code 4 in three sentences, and a restored disk is a remark', async () => {
  const computer = await makeComputer('coffer-rollback');
  const { remove } = computer;
  onTestFinished(() => remove());
  writeTree(computer.at('source'), { 'diary.txt': 'day 1\n' });
  await computer.json(['backup', computer.at('source')]);
  const old = copyFolder(computer.store, computer.at('old'));
  const image = copyFolder(computer.home, computer.at('image'));
  await computer.json(['backup', computer.at('source')]);

  const newer = copyFolder(computer.store, computer.at('newer'));
  copyFolder(old, computer.store);
  const ran = await computer.coffer(['snapshots']);
  expect(ran).toMatchObject({ exit: 4, out: '' });
  expect(ran.err).toMatch(/is older than what this computer has seen.*Nothing was written.*--accept-rollback/s);
  expect(ran.err).not.toMatch(/\n\s+at /);
  expect((await computer.coffer(['snapshots', '--accept-rollback'])).exit).toBe(0);

  copyFolder(newer, computer.store);
  copyFolder(image, computer.home);
  const calm = await computer.coffer(['backup', computer.at('source')]);
  expect(calm.exit).toBe(0);
  expect(calm.err).toMatch(/new device name; all snapshots stay/);
  expect(await computer.json(['check', '--read-data'])).toMatchObject({ whole: true, snapshots: 3 });
}, 60_000);
