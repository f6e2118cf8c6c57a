import type { DeviceId } from '../base/index.ts';
import { keyPrefixes, parseKey } from '../format/index.ts';
import type { Store } from '../storage/index.ts';
import type { Logs } from './logs.ts';

/** Which snapshots lie at the place, by device: the numbers of the log entries that should name them. */
export type ListedSnapshots = ReadonlyMap<DeviceId, readonly number[]>;

export async function listSnapshots(store: Store, signal?: AbortSignal): Promise<ListedSnapshots> {
  const listed = new Map<DeviceId, number[]>();
  for await (const key of store.listKeys(keyPrefixes.snapshots, signal)) {
    const parsed = parseKey(key);
    if (parsed?.kind !== 'snapshot') continue;
    const known = listed.get(parsed.device) ?? [];
    known.push(parsed.seq);
    listed.set(parsed.device, known);
  }
  return listed;
}

/** Snapshots of one device whose log entries are gone. */
export type Unnamed = { readonly device: DeviceId; readonly count: number; readonly isLogThere: boolean };

/**
 * Snapshots that prove that log entries are gone. A run writes its snapshot before its log entry, so one that was broken off
 * in between leaves a snapshot with the number of the entry that comes next; beyond that number none can be without a loss.
 * Of a device without any log even the first is suspicious, but for this installation's own: had its first run been
 * published, it would remember the entry. What lies behind a break in a log is told with the break.
 *
 * `listed` is taken before the logs are read, so that a run that publishes meanwhile looks at most like one broken off.
 */
export function unnamedSnapshots(listed: ListedSnapshots, logs: Logs, own: DeviceId | null): Unnamed[] {
  const unnamed: Unnamed[] = [];
  for (const [device, seqs] of listed) {
    const log = logs.get(device);
    if (log !== undefined && log.broken !== null) continue;
    const isLogThere = log !== undefined;
    const explained = isLogThere || device === own ? (log?.records.length ?? 0) + 1 : 0;
    const count = seqs.filter((seq) => seq > explained).length;
    if (count > 0) unnamed.push({ device, count, isLogThere });
  }
  return unnamed;
}
