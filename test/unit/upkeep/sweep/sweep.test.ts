import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hearCrashPoints, sweepCrashPoints } from '../../../../engine/base/crash-points.ts';
import { isCofferError, type SnapshotId } from '../../../../engine/base/index.ts';
import { logChange, openVault } from '../../../../engine/repository/index.ts';
import { backup } from '../../../../engine/snapshot/index.ts';
import { openStore } from '../../../../engine/storage/index.ts';
import { changeSnapshots } from '../../../../engine/upkeep/retention/change.ts';
import { listForgotten } from '../../../../engine/upkeep/retention/forgotten.ts';
import { startLooks } from '../../../../engine/upkeep/sweep/looks.ts';
import { sourcesOf } from '../../../support/sources.ts';
import { writeTree } from '../../../support/trees.ts';
import { cutShort, flipByte, objectsIn, removeObjects, type TestVault } from '../../../support/vault.ts';
import { dayMs, forget, old, plan, sweep, takeBack, vaultToSweep, vaultWithDuePacks } from './support.ts';

const packsIn = (vault: TestVault): number => objectsIn(vault.store, 'packs/').length;
const isWhole = async (vault: TestVault): Promise<void> =>
  expect((await vault.check({ readData: 'all' })).findings).toEqual([]);

describe('a sweep', () => {
  test('marks, waits for the grace, deletes, and leaves a vault that is whole', async () => {
    const { vault, forgotten } = await vaultToSweep();
    const before = packsIn(vault);
    const marked = await sweep(vault);
    expect(marked.marked.packs).toBeGreaterThan(0);
    expect([marked.deleted.packs, packsIn(vault)]).toEqual([0, before]);

    vault.clock.advance(29 * dayMs);
    expect(await sweep(vault)).toEqual({
      marked: { packs: 0, bytes: 0 },
      deleted: { packs: 0, bytes: 0 },
      snapshots: 0,
    });
    vault.clock.advance(2 * dayMs);
    const swept = await sweep(vault);
    expect(swept.deleted).toEqual(marked.marked);
    expect([swept.snapshots, packsIn(vault)]).toEqual([1, before - marked.marked.packs]);
    expect(objectsIn(vault.store, 'snapshots/').some((key) => key.endsWith(forgotten))).toBe(false);
    expect([objectsIn(vault.store, 'snapshots/').length, objectsIn(vault.store, 'refs/').length]).toEqual([1, 1]);
    await isWhole(vault);
    await vault.backup();
    await isWhole(vault.from('another'));
    expect((await plan(vault)).plan.amounts.marking.packs).toBe(0);
  });

  test('lets nothing go early because a clock is set', async () => {
    const { vault } = await vaultToSweep();
    await sweep(vault);
    const { clock } = vault;
    const set = vault.ports.clock.now;
    const years = 10 * 365 * dayMs;
    for (const aheadMs of [years, -years, 0]) {
      const ports = { ...vault.ports, clock: { ...clock, now: () => set() + aheadMs } };
      expect((await sweep({ ...vault, ports })).deleted.packs).toBe(0);
    }
  });

  test('spares what was marked and is needed again', async () => {
    const { vault, forgotten } = await vaultWithDuePacks();
    await takeBack(vault);
    const before = packsIn(vault);
    expect((await sweep(vault)).deleted.packs).toBe(0);
    expect(packsIn(vault)).toBe(before);
    expect((await vault.open()).snapshots.map(({ id }) => id)).toContain(forgotten);
    await isWhole(vault);

    // Forgotten once more, it has its whole grace once more, however old the mark is.
    await forget(vault, forgotten);
    expect((await sweep(vault)).deleted.packs).toBe(0);
    vault.clock.advance(31 * dayMs);
    expect((await sweep(vault)).deleted.packs).toBeGreaterThan(0);
    await isWhole(vault);
  });

  test('keeps the list of packs on which a device builds, also of a snapshot that is forgotten', async () => {
    const { vault } = await vaultWithDuePacks();
    const other = vault.from('other');
    const { snapshot } = await other.backup();
    await forget(vault, snapshot);
    await sweep(vault);
    vault.clock.advance(31 * dayMs);
    await sweep(vault);
    expect(objectsIn(vault.store, 'refs/')).toHaveLength(2);
    await other.backup();
    await isWhole(vault);
  });

  test('takes the lock of this computer only for moments, and waits for no backup of another', async () => {
    const { vault } = await vaultWithDuePacks();
    const writer = await vault.from('other').open({ mode: 'write' });
    expect((await sweep(vault)).deleted.packs).toBeGreaterThan(0);
    await writer.close();
    const opened = await vault.open();
    const own = await vault.open({ mode: 'write' });
    expect((await opened.readLogsAgain()).size).toBe(1);
    await expect(opened.toWrite(async () => {})).rejects.toMatchObject({ code: 'vault.busy' });
    await own.close();
    await opened.toWrite(async () => {});
  });
});

describe('a sweep that is broken off', () => {
  afterEach(() => hearCrashPoints(() => {}));

  test.each(sweepCrashPoints)('at %s is gone on with by the next', async (point) => {
    const { vault } = point.startsWith('sweep.marked') ? await vaultToSweep() : await vaultWithDuePacks();
    let reached = 0;
    hearCrashPoints((here) => {
      if (here !== point) return;
      reached++;
      throw new Error('the process dies');
    });
    await expect(sweep(vault)).rejects.toThrow('the process dies');
    expect(reached).toBe(1);
    hearCrashPoints(() => {});
    expect((await vault.check({ readData: 'all' })).findings.filter(({ kind }) => kind !== 'unused')).toEqual([]);
    await sweep(vault);
    vault.clock.advance(31 * dayMs);
    await sweep(vault);
    await isWhole(vault);
    expect([objectsIn(vault.store, 'snapshots/').length, objectsIn(vault.store, 'refs/').length]).toEqual([1, 1]);
  });
});

describe('who sees whom', () => {
  /** The backup of this computer goes to sleep right before its log entry, and `meanwhile` happens. */
  const asleep = (vault: TestVault, meanwhile: () => Promise<unknown>): TestVault['ports'] => ({
    ...vault.ports,
    storeFor: async (url) => {
      const store = await openStore(url, { ...vault.ports, owner: 'sleeper' });
      return {
        ...store,
        async put(key, bytes, signal) {
          if (key.startsWith('heads/')) await meanwhile();
          await store.put(key, bytes, signal);
        },
      };
    },
  });

  test('a run that slept until a sweep had deleted what it counts on says so, and the next one stores it again', async () => {
    const { vault } = await vaultToSweep();
    writeTree(vault.files, old);
    const other = vault.from('other');
    let deleted = 0;
    const sleeper = {
      ...vault,
      ports: asleep(vault, async () => {
        if (deleted > 0) return;
        await sweep(other);
        vault.clock.advance(31 * dayMs);
        deleted = (await sweep(other)).deleted.packs;
      }),
    };
    const opening = openVault(sleeper.ports, {
      ...{ store: vault.store, mode: 'write' },
      secret: async () => ({ kind: 'phrase', phrase: vault.recoveryPhrase }),
    });
    const run = backup(sleeper.ports, opening, {
      ...{ sources: sourcesOf({ paths: [vault.files], otherFileSystems: true }), tags: [], app: 'test' },
      ...{ host: 'here', user: 'ann', userHome: '/home/ann', platform: 'linux' },
    });
    await expect(run).rejects.toMatchObject({ code: 'vault.swept' });
    expect(deleted).toBeGreaterThan(0);
    expect((await vault.open()).snapshots).toHaveLength(1);
    const { newBytes } = await vault.backup();
    expect(newBytes).toBeGreaterThan(299_000);
    const { findings, affectedFiles } = await vault.check({ readData: 'all' });
    expect([findings.filter(({ kind }) => kind !== 'unused'), affectedFiles]).toEqual([[], 0]);
  });

  test('a forget that is taken back while a sweep begins to delete is heard', async () => {
    const { vault, forgotten } = await vaultWithDuePacks();
    const result = await sweep(vault, (opened) => ({
      ...opened,
      async toWrite(work) {
        const done = await opened.toWrite(work);
        await takeBack(vault);
        return done;
      },
    }));
    expect([result.deleted.packs, result.snapshots]).toEqual([0, 0]);
    expect((await vault.open()).snapshots.map(({ id }) => id)).toContain(forgotten);
    await isWhole(vault);
  });

  const unforget = async (vault: TestVault, forgotten: SnapshotId): Promise<readonly string[]> => {
    const writer = await vault.from('other').open({ mode: 'write' });
    try {
      return await changeSnapshots(writer, vault.ports, { change: 'unforget', snapshots: [forgotten], reason: '' });
    } finally {
      await writer.close();
    }
  };
  const shown = async (vault: TestVault): Promise<SnapshotId[]> => (await vault.open()).snapshots.map(({ id }) => id);

  test('what a sweep said it deletes and did not comes back, and no later sweep takes a pack of it', async () => {
    const { vault, forgotten } = await vaultWithDuePacks();
    const before = packsIn(vault);
    const thief = await vault.from('thief').open({ mode: 'write' });
    await logChange(thief, vault.ports, { kind: 'sweep-delete', snapshots: [forgotten] });
    await thief.close();
    expect((await listForgotten(await vault.open())).map(({ stored }) => stored?.id)).toEqual([forgotten]);
    expect(await unforget(vault, forgotten)).toEqual([expect.stringContaining('coffer check')]);
    expect(await shown(vault)).toContain(forgotten);
    for (let months = 0; months < 3; months++) {
      expect((await sweep(vault)).deleted.packs).toBe(0);
      vault.clock.advance(31 * dayMs);
    }
    expect([packsIn(vault), (await shown(vault)).includes(forgotten)]).toEqual([before, true]);
    await isWhole(vault);
  });

  test('who takes a forget back when a sweep has deleted some of it is told that it is too late', async () => {
    const { vault, forgotten } = await vaultWithDuePacks();
    await sweep(vault, (opened) => ({
      ...opened,
      store: {
        ...opened.store,
        async delete(key, signal) {
          await opened.store.delete(key, signal);
          if (key.startsWith('packs/'))
            await expect(unforget(vault, forgotten)).rejects.toMatchObject({ code: 'forgotten.swept' });
        },
      },
    }));
    expect(await shown(vault)).not.toContain(forgotten);
    expect((await listForgotten(await vault.open())).map(({ stored }) => stored)).toEqual([null]);
    await isWhole(vault);
  });

  test('a sweep hides what was taken back after its look and before it deleted', async () => {
    const { vault, forgotten } = await vaultWithDuePacks();
    let said: readonly string[] | null = null;
    await sweep(vault, (opened) => ({
      ...opened,
      store: {
        ...opened.store,
        async delete(key, signal) {
          said ??= await unforget(vault, forgotten);
          await opened.store.delete(key, signal);
        },
      },
    }));
    expect(said).toHaveLength(1);
    expect(await shown(vault)).not.toContain(forgotten);
    await isWhole(vault);
  });

  test('a computer that slept in the middle of a sweep looks at the logs again before it deletes more', async () => {
    const { vault, forgotten } = await vaultWithDuePacks();
    const { survey, plan: due } = await plan(vault);
    const writer = await vault.open({ mode: 'write' });
    await logChange(writer, vault.ports, { kind: 'sweep-delete', snapshots: [forgotten] });
    await writer.close();
    const looks = await startLooks(vault.ports, await vault.open(), { graceMs: 30 * dayMs, list: survey.list });
    const mayGo = async (): Promise<boolean> => (await looks.mayGo()).has(due.remove[0] ?? -1);
    expect(await mayGo()).toBe(true);
    await takeBack(vault);
    expect(await mayGo()).toBe(true);
    vault.clock.advance(6 * 60_000);
    expect(await mayGo()).toBe(false);
  });
});

describe('a sweep does nothing', () => {
  const doubts: Record<string, { readonly harm: (vault: TestVault) => unknown; readonly says: string }> = {
    'where a log is broken': {
      harm: (vault) => flipByte(join(vault.store, objectsIn(vault.store, 'heads/')[1] ?? ''), -1),
      says: 'is broken from entry 2 on',
    },
    'where the logs are gone': {
      harm: (vault) => removeObjects(vault.store, 'heads/'),
      says: 'no device’s log is there',
    },
    'where a list of packs is gone': {
      harm: (vault) => removeObjects(vault.store, 'refs/'),
      says: 'needs cannot be read',
    },
    'where the packs are gone': {
      harm: (vault) => removeObjects(vault.store, 'packs/'),
      says: 'packs that snapshots need are missing',
    },
    'where every snapshot is forgotten': {
      harm: async (vault) => forget(vault, ...(await vault.open()).snapshots.map(({ id }) => id)),
      says: 'not one snapshot is left',
    },
  };
  test.each(Object.entries(doubts))('%s', async (_, { harm, says }) => {
    const { vault } = await vaultWithDuePacks();
    await harm(vault);
    const before = objectsIn(vault.store);
    const stranger = vault.from('stranger');
    const error = await sweep(stranger).catch((reason: unknown) => reason);
    expect(isCofferError(error, 'sweep.stopped') && String(error.context['detail'])).toContain(says);
    expect(objectsIn(vault.store)).toEqual(before);
  });

  test('where a pack that is needed was found damaged, or is cut short', async () => {
    const { vault } = await vaultWithDuePacks();
    const { survey } = await plan(vault);
    const numbers = Array.from({ length: survey.list.count }, (_, pack) => pack);
    const needed = numbers.find((pack) => survey.needed.has(pack)) ?? -1;
    const id = survey.list.idOf(needed);
    const path = join(vault.store, 'packs', id.slice(0, 2), id);
    const before = packsIn(vault);
    cutShort(path, statSync(path).size - 1);
    await expect(sweep(vault)).rejects.toMatchObject({ code: 'sweep.stopped' });
    await vault.check({ readData: 'all' });
    expect((await plan(vault)).survey.doubts.join()).toContain('were found damaged');
    await expect(sweep(vault)).rejects.toMatchObject({ code: 'sweep.stopped' });
    expect(packsIn(vault)).toBe(before);
    rmSync(path);
    expect((await plan(vault)).survey.doubts.join()).toContain('are missing');
  });
});

test('in a vault that was swept, harm to any object is found, and what a check calls whole is whole', {
  timeout: 120_000,
}, async () => {
  const { vault } = await vaultWithDuePacks();
  await sweep(vault);
  await isWhole(vault);
  for (const key of objectsIn(vault.store)) {
    if (key === 'config' || key.startsWith('keys/')) continue;
    const path = join(vault.store, key);
    flipByte(path, Math.floor(statSync(path).size / 2));
    const findings = await vault
      .from(`looking at ${key.slice(-6)}`)
      .check({ readData: 'all' })
      .then(
        (result) => result.findings.map((finding) => finding.key),
        () => ['it does not open'],
      );
    expect(findings, key).not.toEqual([]);
    flipByte(path, Math.floor(statSync(path).size / 2));
  }
  await isWhole(vault);
});
