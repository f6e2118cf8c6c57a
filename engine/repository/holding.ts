import type { SnapshotId } from '../base/index.ts';
import type { EntryName } from '../format/index.ts';
import { allRecords, type LogRecord, type Logs } from './logs.ts';

/**
 * What holds of what devices logged: an entry that no `revoke` of any device names (FORMAT.md section 12). Whichever of the two
 * was written first does not matter, so logs need no order among each other.
 */
export function* holdingRecords(logs: Logs): Generator<LogRecord> {
  const revoked = revokedEntries(logs);
  for (const record of allRecords(logs)) if (!revoked.has(entryText(record.entry))) yield record;
}

function revokedEntries(logs: Logs): Set<string> {
  const revoked = new Set<string>();
  for (const { entry } of allRecords(logs)) {
    if (entry.action.kind === 'revoke') for (const named of entry.action.entries) revoked.add(entryText(named));
  }
  return revoked;
}

const entryText = ({ device, seq }: EntryName): string => `${device}/${seq}`;

/** Snapshots that a person keeps whatever a policy says. */
export function pinnedSnapshots(logs: Logs): Set<SnapshotId> {
  return namedBy(logs, 'pin');
}

/** Snapshots that are no longer shown. A pin wins: who keeps a snapshot must not lose it to a device that did not know. */
export function forgottenSnapshots(logs: Logs): Set<SnapshotId> {
  return namedBy(logs, 'forget').difference(pinnedSnapshots(logs));
}

function namedBy(logs: Logs, kind: 'forget' | 'pin'): Set<SnapshotId> {
  const named = new Set<SnapshotId>();
  for (const { entry } of holdingRecords(logs)) {
    if (entry.action.kind === kind) for (const snapshot of entry.action.snapshots) named.add(snapshot);
  }
  return named;
}

/**
 * Snapshots that a sweep of any device is deleting, or has. Whoever takes a forget back looks for the snapshot among these
 * afterwards: it may be too late, and where it is not named, the sweep sees that it was taken back [Note: who sees whom].
 */
export function givenSnapshots(logs: Logs): Set<SnapshotId> {
  const given = new Set<SnapshotId>();
  for (const { entry } of allRecords(logs)) {
    if (entry.action.kind === 'sweep-delete') for (const snapshot of entry.action.snapshots) given.add(snapshot);
  }
  return given;
}
