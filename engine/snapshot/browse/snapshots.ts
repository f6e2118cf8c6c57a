import { CofferError, type DeviceId, type SnapshotId, type Time } from '../../base/index.ts';
import { nameFromBytes } from '../../filesystem/index.ts';
import { deferredReason } from '../../format/index.ts';
import type { StoredSnapshot } from '../../repository/index.ts';

/** A snapshot as people see it. Paths are text ([Note: path text] in the file system's port). */
export type SnapshotInfo = {
  readonly id: SnapshotId;
  readonly device: DeviceId;
  readonly seq: number;
  readonly host: string;
  readonly user: string;
  readonly started: Time;
  readonly finished: Time;
  readonly sources: readonly string[];
  readonly tags: readonly string[];
  readonly files: number;
  readonly folders: number;
  /** Of all files in it. */
  readonly bytes: number;
  /** Of chunks that the vault did not have. */
  readonly newBytes: number;
  readonly storedBytes: number;
  readonly failed: number;
  /** Files that were still to be read when it was made: not in it, or in an earlier version. */
  readonly deferred: number;
  /** No policy lets it go. */
  readonly pinned: boolean;
};

export function snapshotInfo({ id, snapshot }: StoredSnapshot, pinned: ReadonlySet<SnapshotId>): SnapshotInfo {
  const { device, seq, host, user, started, finished, tags, counts, bytes } = snapshot;
  return {
    id,
    device,
    seq,
    host,
    user,
    started,
    finished,
    sources: snapshot.sources.map((source) => nameFromBytes(source.path)),
    tags,
    files: counts.files,
    folders: counts.folders,
    bytes: bytes.total,
    newBytes: bytes.new,
    storedBytes: bytes.stored,
    failed: counts.failed,
    deferred: snapshot.excluded.get(deferredReason) ?? 0,
    pinned: pinned.has(id),
  };
}

/** By `latest` or the first letters of its id; `snapshots` come oldest first. */
export function findSnapshot<Named extends { readonly id: SnapshotId }>(
  snapshots: readonly Named[],
  text: string,
  store: string,
): Named {
  const newest = snapshots.at(-1);
  if (newest === undefined) throw new CofferError('snapshot.none', { store });
  if (text === 'latest') return newest;
  const wanted = text.toLowerCase();
  const [found, other] = wanted === '' ? [] : snapshots.filter(({ id }) => id.startsWith(wanted));
  if (found === undefined) throw new CofferError('snapshot.notFound', { snapshot: text });
  if (other !== undefined) throw new CofferError('snapshot.ambiguous', { snapshot: text });
  return found;
}
