import type { PackId } from '../base/index.ts';
import { sealObject, sha256Hex } from '../crypto/index.ts';
import { encodeIndex, encodeRefs, keyOfIndex, keyOfRefs, keyPrefixes } from '../format/index.ts';
import type { CheckResult } from './check-findings.ts';
import { createRefsReader, fitsSnapshot } from './check-refs.ts';
import { allRecords } from './logs.ts';
import type { Vault } from './open-vault.ts';
import type { Ports } from './ports.ts';
import { packsOfSnapshot } from './snapshot-packs.ts';
import { isUnreadable } from './unreadable.ts';
import { loadIndex, type VaultIndex } from './vault-index.ts';

export type RepairResult = {
  /** What was done, or would be done in a dry run, and what cannot be; in words. Empty: nothing is to be repaired. */
  readonly actions: readonly string[];
  /** Objects written, or that would be. */
  readonly written: number;
};

type Repair = {
  readonly vault: Vault;
  readonly ports: Ports;
  readonly dryRun: boolean;
  readonly actions: string[];
  written: number;
};

/**
 * Only adds: an index for packs that no whole index names, and the list of packs of a snapshot whose own list is lost.
 * Nothing is deleted or replaced, because what looks useless today may be what somebody needs to save the rest. `check` is
 * what a structural check has just found.
 */
export async function repairVault(
  vault: Vault,
  ports: Ports,
  check: CheckResult,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal?: AbortSignal },
): Promise<RepairResult> {
  const repair: Repair = { vault, ports, dryRun, actions: [], written: 0 };
  const index = await loadIndex(vault, { without: new Set(), ...(signal ? { signal } : {}) });
  await writeIndex(repair, index);
  await writeRefs(repair, index, signal);
  if (!dryRun && repair.written > 0) await vault.store.flush();
  advise(repair, check);
  const { actions, written } = repair;
  return { actions, written };
}

const say = ({ dryRun }: Repair, done: string, wouldBe: string): string => (dryRun ? wouldBe : done);

async function writeIndex(repair: Repair, index: VaultIndex): Promise<void> {
  const { vault, ports, dryRun, actions } = repair;
  const packs = [...index.packs.values()].filter((pack) => !pack.indexed);
  const supersedes = index.damaged
    .filter(({ key }) => key.startsWith(keyPrefixes.indexes))
    .map(({ key }) => key.slice(keyPrefixes.indexes.length))
    .filter((hash) => !index.superseded.has(hash));
  if (packs.length === 0 && supersedes.length === 0) return;
  const named = packs.map(({ id, type, length, encoded }) => ({ pack: id, type, length, directory: encoded }));
  const payload = encodeIndex({ supersedes, packs: named });
  const object = { keys: vault.keys, vault: vault.id, kind: 'index', path: 'index' } as const;
  const sealed = sealObject(object, payload, { random: ports.random, level: 1 });
  const key = keyOfIndex(sha256Hex(sealed));
  repair.written++;
  const what =
    `an index of ${packs.length} packs` + (supersedes.length > 0 ? ` in place of ${supersedes.length} damaged` : '');
  actions.push(say(repair, `Wrote ${what}: ${key}.`, `Would write ${what}.`));
  if (!dryRun) await vault.store.put(key, sealed);
}

async function writeRefs(repair: Repair, index: VaultIndex, signal?: AbortSignal): Promise<void> {
  const { vault, dryRun, actions } = repair;
  const reader = createRefsReader(vault, signal);
  const named = new Map<string, string>();
  for (const { entry } of allRecords(vault.logs)) {
    if (entry.action.kind === 'snapshot') named.set(entry.action.snapshot, entry.action.refs);
  }
  for (const { id, snapshot } of vault.snapshots) {
    const refs = named.get(id);
    if (refs === undefined) continue;
    try {
      if (fitsSnapshot(await reader.list(refs), snapshot)) continue;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
    }
    const short = id.slice(0, 8);
    if ((await reader.standIn(id, snapshot, refs)) !== null) continue;
    const packs = await packsOfSnapshot(index, snapshot, signal);
    const list = packs === null ? null : rising(packs);
    if (list === null || !fitsSnapshot(list, snapshot)) {
      actions.push(
        `The list of packs of snapshot ${short} cannot be made again, because not all it needs can be read. Its files can be restored without it.`,
      );
      continue;
    }
    const bytes = encodeRefs({ snapshot: id, base: null, depth: 0, added: list, removed: new Uint8Array(0) });
    const key = keyOfRefs(sha256Hex(bytes));
    if ((await vault.store.stat(key, signal)) !== null) {
      actions.push(
        `The list of packs of snapshot ${short} is damaged, and repair never replaces an object. Move ${key} away by hand, then run repair again.`,
      );
      continue;
    }
    repair.written++;
    const what = `the list of the ${packs?.size ?? 0} packs of snapshot ${short}`;
    actions.push(say(repair, `Wrote ${what}: ${key}.`, `Would write ${what}.`));
    if (!dryRun) await vault.store.put(key, bytes);
  }
}

function rising(packs: ReadonlySet<PackId>): Uint8Array {
  return new Uint8Array(Buffer.from([...packs].sort().join(''), 'hex'));
}

/** What nobody can repair from the vault alone. */
function advise({ actions }: Repair, { findings, affectedFiles }: CheckResult): void {
  const lost = findings.filter(({ fileCount }) => fileCount > 0);
  if (lost.length > 0) {
    actions.push(
      `${affectedFiles} files (counted once for each snapshot) need data that is damaged or missing, and no repair can make it. Back up again on the computers that still have these files: that stores the missing data again and makes the old snapshots whole too. A copy of the vault at another place may also have it.`,
    );
  }
  if (findings.some(({ kind }) => kind === 'log')) {
    actions.push(
      'A device’s log is broken. What it wrote after the break cannot be trusted and is not shown; other devices are not affected. Put back the folder "heads" from another copy of the vault if there is one.',
    );
  }
  const snapshots = findings.filter(({ key, kind }) => key.startsWith(keyPrefixes.snapshots) && kind !== 'unused');
  if (snapshots.length > 0) {
    actions.push(
      `${snapshots.length} snapshots cannot be read. Their data is still there; back up again to get a new snapshot of it, or put back the folder "snapshots" from another copy.`,
    );
  }
  const slots = findings.filter(({ key }) => key.startsWith(keyPrefixes.slots));
  if (slots.length > 0) {
    actions.push(
      `${slots.length} key slots are damaged. Add a key anew with: coffer keys add. Then remove the damaged one with: coffer keys remove KEY.`,
    );
  }
}
