import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SnapshotId } from '../../../engine/base/index.ts';
import type { KnownLogEntry } from '../../../engine/format/index.ts';
import { logChange, sweptPacks } from '../../../engine/repository/index.ts';
import { computerAt } from '../../support/coffer.ts';
import { makeVault, type TestVault } from '../../support/vault.ts';

async function vaultWithSnapshots(count: number): Promise<{ vault: TestVault; ids: SnapshotId[] }> {
  const vault = await makeVault();
  mkdirSync(vault.files);
  const ids: SnapshotId[] = [];
  for (let at = 0; at < count; at++) {
    writeFileSync(join(vault.files, `file ${at}`), `${at}`);
    ids.push((await vault.backup()).snapshot);
  }
  return { vault, ids };
}

/** Returns how the entry is named. */
async function log(vault: TestVault, action: KnownLogEntry['action']) {
  const opened = await vault.open({ mode: 'write' });
  await logChange(opened, vault.ports, action);
  const { device } = opened.device();
  const seq = ((await opened.readLogsAgain()).get(device)?.records ?? []).length;
  await opened.close();
  return { device, seq };
}

const shownTo = async (vault: TestVault): Promise<SnapshotId[]> => (await vault.open()).snapshots.map(({ id }) => id);

/** What both programs show; they must agree. */
async function shown(vault: TestVault): Promise<SnapshotId[]> {
  const ids = await shownTo(vault);
  const { folder, store, recoveryPhrase: phrase } = vault;
  const listed = await computerAt({ folder, home: join(folder, 'alone'), store, phrase }).standAlone(['--list']);
  expect(listed.exit, listed.err).toBe(0);
  for (const id of ids) expect(listed.out).toContain(id.slice(0, 8));
  expect(listed.out.match(/^ *[0-9a-f]{8,}\b/gm) ?? []).toHaveLength(ids.length);
  return ids;
}

describe('what devices logged about snapshots', () => {
  test('a forgotten snapshot is not shown, and comes back when any device takes that back', async () => {
    const { vault, ids } = await vaultWithSnapshots(3);
    const [first, second, third] = ids as [SnapshotId, SnapshotId, SnapshotId]; // three were made
    const forget = await log(vault, { kind: 'forget', snapshots: [first, second], reason: 'a test' });
    expect(await shown(vault)).toEqual([third]);
    await log(vault.from('another'), { kind: 'revoke', entries: [forget] });
    expect(await shown(vault)).toEqual([first, second, third]);
    await log(vault, { kind: 'forget', snapshots: [second], reason: 'once more' });
    expect(await shown(vault)).toEqual([first, third]);
  });

  test('a pin of any device wins over a forget, until it is taken back', async () => {
    const { vault, ids } = await vaultWithSnapshots(2);
    const [first, second] = ids as [SnapshotId, SnapshotId]; // two were made
    const pin = await log(vault.from('another'), { kind: 'pin', snapshots: [first], reason: '' });
    await log(vault, { kind: 'forget', snapshots: [first], reason: '' });
    expect(await shown(vault)).toEqual([first, second]);
    await log(vault, { kind: 'revoke', entries: [pin] });
    expect(await shown(vault)).toEqual([second]);
  });

  test('what was taken back stays so whichever entry was there first, and taking back that is nothing', async () => {
    const { vault, ids } = await vaultWithSnapshots(1);
    const other = vault.from('another');
    const before = await log(other, { kind: 'device-name', name: 'attic' });
    // Names an entry that is only written afterwards.
    const early = await log(vault, { kind: 'revoke', entries: [{ device: before.device, seq: before.seq + 1 }] });
    await log(other, { kind: 'forget', snapshots: ids, reason: '' });
    expect(await shown(vault)).toEqual(ids);
    await log(vault, { kind: 'revoke', entries: [early] });
    expect(await shown(vault)).toEqual(ids);
  });

  test('a pack under a mark stays absent for writers, also where the mark was taken back', async () => {
    const { vault } = await vaultWithSnapshots(1);
    const mark = await log(vault, { kind: 'sweep-mark', packs: new Uint8Array(32).fill(7), reason: 'a test' });
    await log(vault, { kind: 'revoke', entries: [mark] });
    expect([...sweptPacks((await vault.open()).logs)]).toEqual(['07'.repeat(32)]);
    expect((await vault.backup()).failed).toBe(0);
  });
});
