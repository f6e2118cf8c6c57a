import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CofferError, deviceId, snapshotId, vaultId } from '../../../engine/base/index.ts';
import { absentForWriters, judgeHeads, type Logs, logChange } from '../../../engine/repository/index.ts';
import { writeTree } from '../../support/trees.ts';
import { flipByte, makeVault, objectsIn, type TestVault } from '../../support/vault.ts';

async function vaultWithBackups(count: number): Promise<TestVault> {
  const vault = await makeVault();
  for (let run = 1; run <= count; run++) {
    writeTree(vault.files, { [`${run}.txt`]: `run ${run}` });
    await vault.backup();
  }
  return vault;
}

async function rollbackOf(vault: TestVault): Promise<string | null> {
  try {
    await vault.open();
    return null;
  } catch (error) {
    if (error instanceof CofferError && error.code === 'vault.rolledBack') return String(error.context['detail']);
    throw error;
  }
}

const replace = (from: string, to: string): void => {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
};

describe('a device that has seen a newer state', () => {
  test('notices a log that was shortened, and others who never saw it do not', async () => {
    const vault = await vaultWithBackups(3);
    rmSync(join(vault.store, objectsIn(vault.store, 'heads/').at(-1) ?? ''));
    expect(await rollbackOf(vault)).toContain('had 3 entries and now has 2');
    const elsewhere = await vault.from('elsewhere').open();
    expect(elsewhere.notices).toEqual([]);
    expect(elsewhere.snapshots).toHaveLength(2);
  });

  test('notices an older copy of the whole place', async () => {
    const vault = await vaultWithBackups(1);
    const copy = join(vault.folder, 'copy');
    replace(vault.store, copy);
    await vault.backup();
    replace(copy, vault.store);
    expect(await rollbackOf(vault)).toContain('had 2 entries and now has 1');
  });

  test('notices a log that went another way', async () => {
    const vault = await vaultWithBackups(1);
    const [home, store] = [join(vault.folder, 'home'), vault.store];
    replace(home, join(vault.folder, 'home-1'));
    replace(store, join(vault.folder, 'store-1'));
    await vault.backup();
    replace(home, join(vault.folder, 'home-2'));
    // The same computer, put back to its first state together with the place, writes another second entry.
    replace(join(vault.folder, 'home-1'), home);
    replace(join(vault.folder, 'store-1'), store);
    await vault.backup();
    replace(join(vault.folder, 'home-2'), home);
    expect(await rollbackOf(vault)).toContain('entry 2 of the log of this computer is not the one seen before');
  });

  test('notices when all logs are gone', async () => {
    const vault = await vaultWithBackups(2);
    rmSync(join(vault.store, 'heads'), { recursive: true });
    expect(await rollbackOf(vault)).toContain('now has 0');
  });

  test('writes nothing then, and remembers what it saw', async () => {
    const vault = await vaultWithBackups(2);
    rmSync(join(vault.store, objectsIn(vault.store, 'heads/').at(-1) ?? ''));
    const before = objectsIn(vault.store);
    await expect(vault.backup()).rejects.toMatchObject({ code: 'vault.rolledBack' });
    expect(objectsIn(vault.store)).toEqual(before);
    expect(await rollbackOf(vault)).not.toBeNull();
  });

  test('goes on under a new name once the person accepts the older state', async () => {
    const vault = await vaultWithBackups(2);
    const old = (await vault.from('elsewhere').open()).snapshots[0]?.snapshot.device;
    rmSync(join(vault.store, objectsIn(vault.store, 'heads/').at(-1) ?? ''));
    const accepted = await vault.open({ mode: 'write', acceptRollback: true });
    expect(accepted.notices.join()).toContain('accepted');
    await logChange(accepted, vault.ports, { kind: 'device-name', name: 'attic' });
    await accepted.close();
    expect(await rollbackOf(vault)).toBeNull();
    await vault.backup();
    const after = await vault.open();
    expect(after.snapshots.map(({ snapshot }) => snapshot.device === old)).toEqual([true, false]);
    expect(after.notices).toEqual([]);
  });

  test('accepted by a reader, the older state does not come back to haunt the next writer', async () => {
    const vault = await vaultWithBackups(2);
    rmSync(join(vault.store, objectsIn(vault.store, 'heads/').at(-1) ?? ''));
    await vault.open({ acceptRollback: true });
    await vault.backup();
    // A log that forked would show on a computer that saw the state before.
    const logs = (await vault.open()).logs;
    expect([...logs.values()].every(({ broken }) => broken === null)).toBe(true);
  });
});

describe('no false alarm', () => {
  test('for a disk image put back: the computer takes a new name, with a calm remark', async () => {
    const vault = await vaultWithBackups(1);
    const home = join(vault.folder, 'home');
    replace(home, join(vault.folder, 'image'));
    await vault.backup();
    replace(join(vault.folder, 'image'), home);
    const opened = await vault.open();
    expect(opened.notices).toEqual([]);
    expect(opened.snapshots).toHaveLength(2);
    expect((await vault.backup()).notices.join()).toContain('goes on under a new device name');
    const after = await vault.open();
    expect(after.notices).toEqual([]);
    expect(new Set(after.snapshots.map(({ snapshot }) => snapshot.device)).size).toBe(2);
  });

  test('for a lost COFFER_HOME', async () => {
    const vault = await vaultWithBackups(2);
    rmSync(join(vault.folder, 'home'), { recursive: true });
    expect((await vault.open()).notices).toEqual([]);
    await vault.backup();
    const after = await vault.open();
    expect(after.snapshots).toHaveLength(3);
    expect(after.logs.size).toBe(2);
  });

  test('for a clone: both computers write on, under different names', async () => {
    const vault = await vaultWithBackups(1);
    replace(join(vault.folder, 'home'), join(vault.folder, 'clone'));
    const clone = vault.from('clone');
    await vault.backup();
    await clone.backup();
    await vault.backup();
    await clone.backup();
    for (const one of [vault, clone]) {
      const opened = await one.open();
      expect(opened.notices).toEqual([]);
      expect(opened.snapshots).toHaveLength(5);
      expect([...opened.logs.values()].map(({ records }) => records.length).sort()).toEqual([2, 3]);
    }
  });

  test('for a copy of the vault at another place', async () => {
    const vault = await vaultWithBackups(2);
    const copy = join(vault.folder, 'copy');
    replace(vault.store, copy);
    await vault.backup();
    const opened = await vault.open({ store: copy });
    expect(opened.snapshots).toHaveLength(2);
  });
});

describe('two copies of a vault on one computer', () => {
  async function vaultAndCopy(): Promise<[TestVault, TestVault]> {
    const vault = await vaultWithBackups(2);
    const copy = vault.at(join(vault.folder, 'copy'));
    replace(vault.store, copy.store);
    return [vault, copy];
  }

  test('are told apart once, without a word of a restored disk', async () => {
    const [vault, copy] = await vaultAndCopy();
    const { notices } = await copy.open();
    expect(notices).toHaveLength(1);
    expect(notices.join()).toContain(`knows this vault from ${vault.store}`);
    expect(notices.join()).not.toContain('restored');
    expect((await copy.open()).notices).toEqual([]);
    expect((await vault.open()).notices).toEqual([]);
  });

  test('a vault that was moved keeps all its snapshots', async () => {
    const vault = await vaultWithBackups(2);
    const moved = vault.at(join(vault.folder, 'moved'));
    renameSync(vault.store, moved.store);
    expect((await moved.open()).notices.join()).toContain('moved');
    await moved.backup();
    const after = await moved.open();
    expect(after.notices).toEqual([]);
    expect(after.snapshots).toHaveLength(3);
  });

  test('grow apart under a device name each, so that no log forks', async () => {
    const [vault, copy] = await vaultAndCopy();
    for (const one of [copy, vault, copy, vault]) expect((await one.backup()).failed).toBe(0);
    const [here, there] = [await vault.open(), await copy.open()];
    for (const [device, { records }] of here.logs) {
      const others = there.logs.get(device)?.records ?? [];
      const shared = Math.min(records.length, others.length);
      expect(records.slice(0, shared)).toEqual(others.slice(0, shared));
    }
    for (const one of [vault, copy]) {
      expect((await one.open()).notices).toEqual([]);
      expect((await one.open()).snapshots).toHaveLength(4);
      expect((await one.check({ readData: 'all' })).findings).toEqual([]);
    }
  });

  test('one that went back is noticed as ever', async () => {
    const [vault, copy] = await vaultAndCopy();
    await copy.backup();
    replace(vault.store, copy.store);
    expect(await rollbackOf(copy)).toContain('had 1 entries and now has 0');
    expect(await rollbackOf(vault)).toBeNull();
  });

  test('damage found in one is not forgotten because the other is whole', async () => {
    const [vault, copy] = await vaultAndCopy();
    const [pack = ''] = objectsIn(vault.store, 'packs/');
    flipByte(join(vault.store, pack), 100);
    expect((await vault.check({ readData: 'all' })).findings).not.toEqual([]);
    expect((await copy.check({ readData: 'all' })).findings).toEqual([]);
    expect(absentForWriters(await vault.open()).size).toBe(1);
    expect(absentForWriters(await copy.open()).size).toBe(0);
  });
});

describe('a log that does not hold together', () => {
  const cases: Record<string, (vault: TestVault, heads: readonly string[]) => void> = {
    'a changed byte': (vault, heads) => flipByte(join(vault.store, heads[1] ?? ''), -1),
    'a gap': (vault, heads) => rmSync(join(vault.store, heads[1] ?? '')),
    'two entries swapped': (vault, heads) => {
      const [two, three] = [join(vault.store, heads[1] ?? ''), join(vault.store, heads[2] ?? '')];
      renameSync(two, `${two}-aside`);
      renameSync(three, two);
      renameSync(`${two}-aside`, three);
    },
  };
  test.each(Object.entries(cases))('%s: trusted up to there, and told', async (_, harm) => {
    const vault = await vaultWithBackups(3);
    harm(vault, objectsIn(vault.store, 'heads/'));
    const opened = await vault.from('elsewhere').open();
    expect(opened.snapshots).toHaveLength(1);
    expect(opened.notices.join()).toContain('from entry 2 on');
    expect(await rollbackOf(vault)).toContain('does not hold');
  });

  test('of another device is no reason to distrust the rest', async () => {
    const vault = await vaultWithBackups(2);
    const heads = objectsIn(vault.store, 'heads/');
    await vault.from('elsewhere').backup();
    flipByte(join(vault.store, heads[0] ?? ''), -1);
    const fresh = await vault.from('third').open();
    expect(fresh.snapshots).toHaveLength(1);
    expect(fresh.notices).toHaveLength(1);
  });

  test('under the name of another device is not believed', async () => {
    const vault = await vaultWithBackups(1);
    const [head = ''] = objectsIn(vault.store, 'heads/');
    const stranger = `heads/${'ab'.repeat(16)}`;
    mkdirSync(join(vault.store, stranger));
    cpSync(join(vault.store, head), join(vault.store, `${stranger}/0000000001`));
    const opened = await vault.from('elsewhere').open();
    expect(opened.snapshots).toHaveLength(1);
    expect(opened.notices.join()).toContain('abababab');
  });
});

describe('judgeHeads', () => {
  const own = deviceId('01'.repeat(16));
  const other = deviceId('02'.repeat(16));
  const logs = (entries: Readonly<Record<string, readonly string[]>>): Logs =>
    new Map(
      Object.entries(entries).map(([device, hashes]) => {
        const records = hashes.map((hash, at) => ({
          hash,
          entry: {
            device: deviceId(device),
            previous: null,
            requires: [],
            seq: at + 1,
            time: { seconds: 0, nanoseconds: 0 },
            vault: vaultId('00'.repeat(16)),
            action: { kind: 'forget' as const, snapshots: [snapshotId('00'.repeat(32))], reason: '' },
          },
        }));
        return [deviceId(device), { device: deviceId(device), records, broken: null }];
      }),
    );

  test('a place never seen before is just that', () => {
    expect(judgeHeads(logs({ [other]: ['a'] }), new Map(), null).kind).toBe('first-seen');
  });

  test('others may have gone on', () => {
    expect(judgeHeads(logs({ [other]: ['a', 'b'] }), new Map([[other, { seq: 1, hash: 'a' }]]), own).kind).toBe(
      'as-remembered',
    );
  });

  test('its own log must not have gone on without it', () => {
    const seen = new Map([[own, { seq: 1, hash: 'a' }]]);
    expect(judgeHeads(logs({ [own]: ['a'] }), seen, own).kind).toBe('as-remembered');
    expect(judgeHeads(logs({ [own]: ['a', 'b'] }), seen, own).kind).toBe('own-ahead');
  });

  test('going back, or going another way, is a rollback, also for the log of another', () => {
    expect(judgeHeads(logs({ [other]: ['a'] }), new Map([[other, { seq: 2, hash: 'b' }]]), own).kind).toBe(
      'rolled-back',
    );
    expect(judgeHeads(logs({ [other]: ['a', 'c'] }), new Map([[other, { seq: 2, hash: 'b' }]]), own).kind).toBe(
      'rolled-back',
    );
    expect(judgeHeads(logs({}), new Map([[other, { seq: 1, hash: 'a' }]]), own).kind).toBe('rolled-back');
  });
});
