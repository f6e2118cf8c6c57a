import { type DeviceId, msOfTime, toHex } from '../../base/index.ts';
import { type Logs, type Ports, pinnedSnapshots, type StoredSnapshot, type Vault } from '../../repository/index.ts';
import { observeVault } from '../observe-vault.ts';
import type { Timed } from './believed.ts';
import type { OffsetMinutesAt } from './periods.ts';
import { type Candidate, planRetention, type RetentionPlan } from './plan.ts';
import type { RetentionPolicy } from './policy.ts';

/** A snapshot of a vault, as a plan looks at it. */
export type StoredCandidate = Candidate & { readonly stored: StoredSnapshot };

export type VaultPlan = RetentionPlan<StoredCandidate> & {
  /** How many snapshots are old enough by the clock alone, and stay since this installation has not known them so long. */
  readonly notKnownLong: number;
};

/** What a policy would keep of the snapshots of a vault. Changes nothing but what this installation knows of time. */
export function planForVault(
  ports: Ports,
  vault: Vault,
  policy: RetentionPolicy,
  offsetAt: OffsetMinutesAt,
): VaultPlan {
  const observed = observeVault(ports, vault, vault.logs);
  const pinned = pinnedSnapshots(vault.logs);
  const times = loggedTimes(vault.logs);
  const wallMs = ports.clock.now();
  const candidates = vault.snapshots.map((stored): StoredCandidate => {
    const { device, seq, tags } = stored.snapshot;
    const timeMs = times.get(device)?.get(seq) ?? Number.NaN;
    return {
      ...{ stored, id: stored.id, device, seq, tags, timeMs },
      sources: sourcesOf(stored),
      isPinned: pinned.has(stored.id),
      // The wall clock may only make it younger.
      ageMs: Math.max(0, Math.min(observed.ageOf({ device, seq }), wallMs - timeMs)),
    };
  });
  const logs = new Map<DeviceId, readonly Timed[]>();
  for (const [device, log] of times)
    logs.set(
      device,
      [...log].map(([seq, timeMs]) => ({ seq, timeMs })),
    );
  const isBroken = [...vault.logs.values()].some(({ broken }) => broken !== null);
  const plan = planRetention({ candidates, logs, isBroken, policy, offsetAt });
  const isOldByClock = ({ timeMs }: Candidate): boolean => wallMs - timeMs >= policy.withinMs;
  const notKnownLong = plan.keep.filter(
    ({ snapshot, reasons }) => reasons.includes('within') && isOldByClock(snapshot),
  );
  return { ...plan, notKnownLong: notKnownLong.length };
}

/** By device and number: also of entries that are no snapshots. */
function loggedTimes(logs: Logs): Map<DeviceId, Map<number, number>> {
  const times = new Map<DeviceId, Map<number, number>>();
  for (const { device, records } of logs.values())
    times.set(device, new Map(records.map(({ entry }) => [entry.seq, msOfTime(entry.time)])));
  return times;
}

function sourcesOf({ snapshot }: StoredSnapshot): string {
  const paths = snapshot.sources.map(({ path }) => toHex(path));
  return paths.sort().join(' ');
}
