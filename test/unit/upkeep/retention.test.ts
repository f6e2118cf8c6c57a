import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SnapshotId } from '../../../engine/base/index.ts';
import { forgottenSnapshots, logChange, pinnedSnapshots, type Vault } from '../../../engine/repository/index.ts';
import { changeSnapshots, type SnapshotChange } from '../../../engine/upkeep/retention/change.ts';
import { lastForgotten, listForgotten } from '../../../engine/upkeep/retention/forgotten.ts';
import { freedBytes } from '../../../engine/upkeep/retention/freed.ts';
import { emptyPolicy, type RetentionPolicy } from '../../../engine/upkeep/retention/policy.ts';
import { planForVault } from '../../../engine/upkeep/retention/vault-plan.ts';
import { noise } from '../../support/trees.ts';
import { flipByte, makeVault, objectsIn, type TestVault } from '../../support/vault.ts';

const dayMs = 24 * 3_600_000;

/** A snapshot a day, each with a file of its own that the next one has no more. */
async function vaultOfDays(count: number): Promise<{ vault: TestVault; ids: SnapshotId[] }> {
  const vault = await makeVault();
  mkdirSync(vault.files);
  const ids: SnapshotId[] = [];
  for (let day = 0; day < count; day++) {
    rmSync(join(vault.files, `day ${day - 1}`), { force: true });
    writeFileSync(join(vault.files, `day ${day}`), noise(50_000, day + 1));
    ids.push((await vault.backup()).snapshot);
    vault.clock.advance(dayMs);
  }
  return { vault, ids };
}

async function change(vault: TestVault, what: SnapshotChange['change'], snapshots: readonly SnapshotId[]) {
  const opened = await vault.open({ mode: 'write' });
  try {
    await changeSnapshots(opened, vault.ports, { change: what, snapshots, reason: `a test of ${what}` });
  } finally {
    await opened.close();
  }
}

async function planned(vault: TestVault, rules: Partial<RetentionPolicy>) {
  const plan = planForVault(vault.ports, await vault.open(), { ...emptyPolicy, ...rules }, () => 0);
  return { go: plan.go.map(({ id }) => id).reverse(), notKnownLong: plan.notKnownLong };
}

const ids = async (vault: TestVault): Promise<SnapshotId[]> => (await vault.open()).snapshots.map(({ id }) => id);

describe('what a policy lets go of a vault', () => {
  test('is what was made on other days, but for what is pinned', async () => {
    const { vault, ids: all } = await vaultOfDays(5);
    expect(await planned(vault, { daily: 2 })).toEqual({ go: all.slice(0, 3), notKnownLong: 0 });
    await change(vault, 'pin', all.slice(1, 2));
    expect(await planned(vault, { daily: 2 })).toEqual({ go: [all[0], all[2]], notKnownLong: 0 });
  });

  test('by age is nothing that this computer has not known so long, whatever the clock says', async () => {
    const { vault, ids: all } = await vaultOfDays(4);
    expect(await planned(vault, { withinMs: 3 * dayMs })).toEqual({ go: [], notKnownLong: 2 });
    vault.clock.advance(4 * dayMs);
    expect(await planned(vault, { withinMs: 3 * dayMs })).toEqual({ go: all.slice(0, 3), notKnownLong: 0 });
    expect(await planned(vault.from('another'), { withinMs: 3 * dayMs })).toEqual({ go: [], notKnownLong: 4 });
  });

  test('is nothing of a computer whose log does not hold together', async () => {
    const { vault } = await vaultOfDays(4);
    const last = objectsIn(vault.store, 'heads/').at(-1) ?? '';
    flipByte(join(vault.store, last), 40);
    const other = vault.from('another');
    expect(await planned(other, { last: 1 })).toEqual({ go: [], notKnownLong: 0 });
  });

  test('is nothing while the log of any computer is broken: a pin may have stood in it', async () => {
    const { vault, ids: all } = await vaultOfDays(4);
    const other = vault.from('another');
    await change(other, 'pin', all.slice(0, 1));
    const pinning = (await other.open()).device().device;
    const [entry = ''] = objectsIn(vault.store, `heads/${pinning}/`);
    flipByte(join(vault.store, entry), 40);
    expect(await planned(vault.from('a third'), { last: 1 })).toEqual({ go: [], notKnownLong: 0 });
  });
});

test('a pin holds also where a device took back its entry before it was written', async () => {
  const { vault, ids: all } = await vaultOfDays(1);
  const { device } = (await vault.open()).device();
  const thief = vault.from('thief');
  const opened = await thief.open({ mode: 'write' });
  const revoke = async (from: number, count: number): Promise<void> => {
    const entries = Array.from({ length: count }, (_, at) => ({ device, seq: from + at }));
    await logChange(opened, thief.ports, { kind: 'revoke', entries });
  };
  await revoke(2, 5);
  await change(vault, 'pin', all);
  expect([...pinnedSnapshots((await vault.open()).logs)]).toEqual(all);

  await revoke(1, 1000);
  await expect(change(vault, 'pin', all)).rejects.toMatchObject({ code: 'store.failed' });
  await opened.close();
});

describe('what is forgotten', () => {
  test('comes back alone, while what was forgotten with it stays so', async () => {
    const { vault, ids: all } = await vaultOfDays(4);
    const [first, second, third, fourth] = all as [SnapshotId, SnapshotId, SnapshotId, SnapshotId]; // four were made
    await change(vault, 'forget', [first, second, third]);
    expect(await ids(vault)).toEqual([fourth]);
    await change(vault.from('another'), 'unforget', [second]);
    expect(await ids(vault)).toEqual([second, fourth]);
    const listed = await listForgotten(await vault.open());
    expect(listed.map(({ id, reason, stored }) => [id, reason, stored?.id])).toEqual([
      [first, 'a test of forget', first],
      [third, 'a test of forget', third],
    ]);
  });

  test('comes back to two computers that take back different parts of it, one after the other or at once', async () => {
    for (const isAtOnce of [false, true]) {
      const { vault, ids: all } = await vaultOfDays(4);
      const [first, second, third, fourth] = all as [SnapshotId, SnapshotId, SnapshotId, SnapshotId]; // four were made
      await change(vault, 'forget', [first, second, third]);
      const one = await vault.open({ mode: 'write' });
      const other = await vault.from('another').open({ mode: 'write' });
      const ask = (opened: Vault, id: SnapshotId) =>
        changeSnapshots(opened, vault.ports, { change: 'unforget', snapshots: [id], reason: '' });
      let reads = 0;
      const slow: Vault = {
        ...other,
        async readLogsAgain() {
          const logs = await other.readLogsAgain();
          // The other computer does all of it between what this one reads and what it writes.
          if (isAtOnce && reads++ === 0) await ask(one, first);
          return logs;
        },
      };
      if (!isAtOnce) await ask(one, first);
      await ask(slow, second);
      await Promise.all([one.close(), other.close()]);
      expect(await ids(vault)).toEqual([first, second, fourth]);
    }
  });

  test('last by this computer is what this computer can take back without naming it', async () => {
    const { vault, ids: all } = await vaultOfDays(3);
    await change(vault, 'forget', all.slice(0, 1));
    await change(vault.from('another'), 'forget', all.slice(1, 2));
    const opened = await vault.open({ mode: 'write' });
    expect(lastForgotten(opened)).toEqual(all.slice(0, 1));
    await opened.close();
    await change(vault, 'unforget', all.slice(0, 1));
    const again = await vault.open({ mode: 'write' });
    expect(lastForgotten(again)).toEqual([]);
    await again.close();
  });

  test('is never something that is pinned, and a pin that is taken back leaves the others', async () => {
    const { vault, ids: all } = await vaultOfDays(2);
    await change(vault, 'pin', all);
    await expect(change(vault, 'forget', all.slice(0, 1))).rejects.toMatchObject({ code: 'snapshot.pinned' });
    await change(vault.from('another'), 'unpin', all.slice(0, 1));
    expect([...pinnedSnapshots((await vault.open()).logs)]).toEqual(all.slice(1));
    await change(vault, 'forget', all.slice(0, 1));
    expect([...forgottenSnapshots((await vault.open()).logs)]).toEqual(all.slice(0, 1));
  });

  test('leaves the vault whole, and comes back with all its data', async () => {
    const { vault, ids: all } = await vaultOfDays(3);
    await change(vault, 'forget', all.slice(0, 2));
    expect((await vault.check({ readData: 'all' })).findings.filter(({ kind }) => kind !== 'unused')).toEqual([]);
    await vault.backup();
    await change(vault, 'unforget', all.slice(0, 2));
    expect((await vault.check({ readData: 'all' })).findings.filter(({ kind }) => kind !== 'unused')).toEqual([]);
    expect(await ids(vault)).toHaveLength(4);
  });
});

describe('the bytes that nothing else needs', () => {
  test('are those of the packs that no other snapshot names', async () => {
    const { vault, ids: all } = await vaultOfDays(3);
    const opened = await vault.open();
    const sizes = objectsIn(vault.store, 'packs/').map((key) => statSync(join(vault.store, key)).size);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const [one, ...others] = await Promise.all(all.map((id) => freedBytes(opened, [id])));
    expect(one).toBeGreaterThan(50_000);
    expect(one).toBeLessThan(60_000);
    expect(await freedBytes(opened, all)).toBe(total);
    expect((one ?? 0) + others.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0)).toBe(total);
    expect(await freedBytes(opened, [])).toBe(0);
  });

  test('are not known where a list cannot be read', async () => {
    const { vault, ids: all } = await vaultOfDays(2);
    flipByte(join(vault.store, objectsIn(vault.store, 'refs/')[0] ?? ''), 90);
    expect(await freedBytes(await vault.open(), all.slice(0, 1))).toBeNull();
  });
});
