import type { DeviceId, SnapshotId } from '../../base/index.ts';
import type { EntryName } from '../../format/index.ts';
import { allRecords, forgottenSnapshots, givenSnapshots, holdingRecords, type Logs } from '../../repository/index.ts';

export type Published = {
  readonly id: SnapshotId;
  readonly device: DeviceId;
  readonly seq: number;
  /** Hash of its list of packs. */
  readonly refs: string;
};

export type Forgotten = Published & {
  /** All that was said about forgetting and keeping it: its grace begins anew with each of these. */
  readonly said: readonly EntryName[];
};

export type Mark = {
  readonly entry: EntryName;
  readonly packs: Uint8Array;
};

/** What the logs of all devices say to a sweep. Pure: the same logs, the same history. */
export type History = {
  readonly live: readonly Published[];
  readonly forgotten: readonly Forgotten[];
  /** Those that hold. */
  readonly marks: readonly Mark[];
  /** The packs of all marks, those that were taken back too. */
  readonly everMarked: readonly Uint8Array[];
  /** Snapshots of which a sweep has said that nothing will be left. */
  readonly given: ReadonlySet<SnapshotId>;
  /** The list of each device's last snapshot, on which its next one may build. */
  readonly lastRefs: ReadonlySet<string>;
};

export function historyOf(logs: Logs): History {
  const forgotten = forgottenSnapshots(logs);
  const said = saidOf(logs);
  const history = { live: [] as Published[], forgotten: [] as Forgotten[] };
  const lastRefs = new Set<string>();
  for (const { records } of logs.values()) {
    let last: string | null = null;
    for (const { entry } of records) {
      if (entry.action.kind !== 'snapshot') continue;
      const { snapshot: id, refs } = entry.action;
      const published = { id, device: entry.device, seq: entry.seq, refs };
      if (forgotten.has(id)) history.forgotten.push({ ...published, said: said.get(id) ?? [] });
      else history.live.push(published);
      last = refs;
    }
    if (last !== null) lastRefs.add(last);
  }
  const marks: Mark[] = [];
  for (const { entry } of holdingRecords(logs)) {
    if (entry.action.kind === 'sweep-mark') marks.push({ entry, packs: entry.action.packs });
  }
  const everMarked: Uint8Array[] = [];
  for (const { entry } of allRecords(logs)) if (entry.action.kind === 'sweep-mark') everMarked.push(entry.action.packs);
  return { ...history, marks, everMarked, given: givenSnapshots(logs), lastRefs };
}

/** By snapshot, the entries that forget or keep it, and those that take such entries back. */
function saidOf(logs: Logs): Map<SnapshotId, EntryName[]> {
  const said = new Map<SnapshotId, EntryName[]>();
  const about = new Map<string, readonly SnapshotId[]>();
  const note = (snapshots: readonly SnapshotId[], entry: EntryName): void => {
    for (const snapshot of snapshots) {
      const entries = said.get(snapshot);
      if (entries === undefined) said.set(snapshot, [entry]);
      else entries.push(entry);
    }
  };
  for (const { entry } of allRecords(logs)) {
    if (entry.action.kind !== 'forget' && entry.action.kind !== 'pin') continue;
    about.set(nameOf(entry), entry.action.snapshots);
    note(entry.action.snapshots, entry);
  }
  for (const { entry } of allRecords(logs)) {
    if (entry.action.kind !== 'revoke') continue;
    for (const named of entry.action.entries) note(about.get(nameOf(named)) ?? [], entry);
  }
  return said;
}

const nameOf = ({ device, seq }: EntryName): string => `${device}/${seq}`;
