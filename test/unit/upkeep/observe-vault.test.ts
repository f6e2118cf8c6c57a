import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deviceId } from '../../../engine/base/index.ts';
import { sinceBoot } from '../../../engine/filesystem/index.ts';
import type { Logs } from '../../../engine/repository/index.ts';
import { observeVault } from '../../../engine/upkeep/observe-vault.ts';
import { beginObserving, observe } from '../../../engine/upkeep/observed-time.ts';
import { ageOfEntry, noteSeen } from '../../../engine/upkeep/seen-entries.ts';
import { makeVault, type TestVault } from '../../support/vault.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

async function observed(vault: TestVault) {
  const opened = await vault.open();
  const { isFirst, ageOf } = observeVault(vault.ports, opened, opened.logs);
  return { isFirst, ages: opened.snapshots.map(({ snapshot }) => Math.floor(ageOf(snapshot) / dayMs)) };
}

async function vaultSeenTwice(): Promise<TestVault> {
  const vault = await makeVault();
  mkdirSync(vault.files);
  await vault.backup();
  expect(await observed(vault)).toEqual({ isFirst: true, ages: [0] });
  vault.clock.advance(10 * dayMs);
  await vault.backup();
  expect(await observed(vault)).toEqual({ isFirst: false, ages: [10, 0] });
  vault.clock.advance(5 * dayMs);
  return vault;
}

test('the age of a snapshot is counted from when this installation first saw it', async () => {
  const vault = await vaultSeenTwice();
  expect(await observed(vault)).toEqual({ isFirst: false, ages: [15, 4] });
  expect(await observed(vault.from('another'))).toEqual({ isFirst: true, ages: [0, 0] });
});

test('what is looked at again and again is not written to the disk each time', async () => {
  const vault = await vaultSeenTwice();
  const file = join(vault.ports.home, 'observed-time.json');
  await observed(vault);
  const before = readFileSync(file, 'utf8');
  vault.clock.advance(9 * 60_000);
  await observed(vault);
  expect(readFileSync(file, 'utf8')).toBe(before);
  vault.clock.advance(60_000);
  await observed(vault);
  expect(readFileSync(file, 'utf8')).not.toBe(before);
});

test('where the memory of time is lost or damaged, all ages begin anew', async () => {
  const vault = await vaultSeenTwice();
  const file = join(vault.ports.home, 'observed-time.json');
  for (const harm of [() => rmSync(file), () => writeFileSync(file, '{"ms":1'), () => writeFileSync(file, 'null')]) {
    harm();
    expect(await observed(vault)).toEqual({ isFirst: true, ages: [0, 0] });
    vault.clock.advance(3 * dayMs);
    expect(await observed(vault)).toEqual({ isFirst: false, ages: [3, 3] });
  }
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ ms: 3 * dayMs });
});

test('a log with another entry in the place of one that was seen is as if it had never been seen', () => {
  const device = deviceId('01'.repeat(16));
  const logsOf = (...hashes: string[]): Logs => {
    const records = hashes.map((hash, at) => ({
      hash,
      // Only its number is looked at.
      entry: { device, seq: at + 1 } as never,
    }));
    return new Map([[device, { device, records, broken: null }]]);
  };
  const start = beginObserving({ wallMs: 0, sinceBootMs: 0, boot: 'one' }, 'epoch');
  const later = observe(start, { wallMs: 40 * dayMs, sinceBootMs: 40 * dayMs, boot: 'one' });
  const seen = noteSeen(null, logsOf('a', 'b'), start);
  const age = (logs: Logs, seq: number): number =>
    ageOfEntry(noteSeen(seen, logs, later), later, { device, seq }) / dayMs;
  expect([1, 2, 3].map((seq) => age(logsOf('a', 'b', 'c'), seq))).toEqual([40, 40, 0]);
  expect([1, 2, 3].map((seq) => age(logsOf('a', 'x', 'c'), seq))).toEqual([0, 0, 0]);
  expect([1, 2].map((seq) => age(logsOf('a'), seq))).toEqual([0, 0]);
  expect(age(new Map(), 1)).toBe(40);
});

test('a clock that is set ahead makes nothing older where each process counts for itself', async () => {
  const vault = await vaultSeenTwice();
  const before = (await observed(vault)).ages;
  const { clock } = vault.ports;
  const look = async (upMs: number, aheadMs: number) => {
    const opened = await vault.open();
    const own = { ...clock, now: () => clock.now() + aheadMs, monotonic: () => upMs };
    const { ageOf } = observeVault({ ...vault.ports, clock: own }, opened, opened.logs, { always: true });
    return opened.snapshots.map(({ snapshot }) => Math.floor(ageOf(snapshot) / dayMs));
  };
  expect(await look(1_000, 0)).toEqual(before);
  expect(await look(40 * dayMs, 35 * dayMs)).toEqual(before);
});

test.runIf(process.platform === 'linux')('Linux says how long it has been on, and which start that was', () => {
  const [first, second] = [sinceBoot(), sinceBoot()];
  expect(first?.ms).toBeGreaterThan(0);
  expect(second?.ms).toBeGreaterThanOrEqual(first?.ms ?? 0);
  expect(first?.boot).toMatch(/^[0-9a-f-]{36}$/);
  expect(second?.boot).toBe(first?.boot);
});
