import {
  type DeviceId,
  deviceId,
  fromHex,
  limits,
  type SnapshotId,
  snapshotId,
  type Time,
  toHex,
} from '../base/index.ts';
import { CborReader } from './cbor-reader.ts';
import { type CborValue, CborWriter, isMap } from './cbor-writer.ts';
import { hashBytes, seqMost } from './constants.ts';
import { damaged } from './damaged.ts';
import { type Fields, fieldsOf, isArray, isUint, mapOf, timeValue } from './fields.ts';
import { isEntryName, isRootName, type TreeEntry } from './tree-entry.ts';
import { readEntry } from './tree-entry-reader.ts';
import { writeEntry } from './tree-entry-writer.ts';

/** A snapshot's payload (FORMAT.md section 10). Paths are bytes. */
export type Snapshot = {
  readonly app: string;
  readonly bytes: SnapshotBytes;
  readonly counts: SnapshotCounts;
  readonly device: DeviceId;
  /** How many were left out, by reason. */
  readonly excluded: ReadonlyMap<string, number>;
  /** At most 1,000; `counts.failed` has them all. */
  readonly failures: readonly SnapshotFailure[];
  readonly finished: Time;
  readonly started: Time;
  readonly home: Uint8Array;
  readonly host: string;
  readonly user: string;
  readonly packs: { readonly count: number; readonly root: Uint8Array };
  readonly parent: SnapshotId | null;
  readonly platform: string;
  readonly previous: SnapshotId | null;
  readonly seq: number;
  readonly sources: readonly SnapshotSource[];
  readonly tags: readonly string[];
};

export type SnapshotBytes = {
  readonly new: number;
  readonly read: number;
  readonly stored: number;
  readonly total: number;
};

export type SnapshotCounts = {
  readonly excluded: number;
  readonly failed: number;
  readonly files: number;
  readonly folders: number;
  readonly others: number;
  readonly saved: number;
  readonly seen: number;
};

export type SnapshotFailure = { readonly path: Uint8Array; readonly code: string };

/** The absolute path of a source, and its own entry: its name is the path's last part, or `/` for a root. */
export type SnapshotSource = { readonly path: Uint8Array; readonly entry: TreeEntry };

const version = 1;

/** The reason in `excluded` for files that were still to be read when the snapshot was made. */
export const deferredReason = 'deferred';

export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const writer = new CborWriter(4096);
  const put = (value: CborValue) => () => writer.value(value);
  const hash = (id: SnapshotId | null): CborValue => (id === null ? null : fromHex(id));
  const { failures, packs, sources } = snapshot;
  writer.fields([
    ['app', put(snapshot.app)],
    ['bytes', put(mapOf(snapshot.bytes))],
    ['counts', put(mapOf(snapshot.counts))],
    ['device', put(fromHex(snapshot.device))],
    ['excluded', put(snapshot.excluded)],
    ['failures', put(failures.slice(0, limits.failuresListed).map(({ path, code }) => [path, code]))],
    ['finished', put(timeValue(snapshot.finished))],
    ['home', put(snapshot.home)],
    ['host', put(snapshot.host)],
    ['packs', put(mapOf(packs))],
    ['parent', put(hash(snapshot.parent))],
    ['platform', put(snapshot.platform)],
    ['previous', put(hash(snapshot.previous))],
    ['seq', put(snapshot.seq)],
    ['sources', () => writeSources(writer, sources)],
    ['started', put(timeValue(snapshot.started))],
    ['tags', put(snapshot.tags)],
    ['user', put(snapshot.user)],
    ['v', put(version)],
  ]);
  return writer.bytesSoFar().slice();
}

function writeSources(writer: CborWriter, sources: readonly SnapshotSource[]): void {
  writer.array(sources.length);
  for (const { path, entry } of sources) {
    writer.fields([
      ['entry', () => writeEntry(writer, entry)],
      ['path', () => writer.bytes(path)],
    ]);
  }
}

export function decodeSnapshot(bytes: Uint8Array, name: string): Snapshot {
  const reader = new CborReader(bytes, name);
  const map = new Map<string, CborValue>();
  let sources: readonly SnapshotSource[] | null = null;
  reader.eachKey((key) => {
    if (key === 'sources') sources = readSources(reader);
    else map.set(key, reader.value());
  });
  reader.end();
  const fields = fieldsOf(map, name);
  if (fields.uint('v') !== version) throw damaged(name, 'its version is unknown');
  if (sources === null) throw damaged(name, 'its sources are missing');
  const packs = fieldsOf(fields.get('packs'), name);
  return {
    app: fields.text('app'),
    bytes: uintsOf(fields, 'bytes', name, ['new', 'read', 'stored', 'total']),
    counts: readCounts(fields, name),
    device: deviceId(toHex(fields.bytes('device', 16))),
    excluded: readExcluded(fields),
    failures: readFailures(fields),
    finished: fields.time('finished'),
    started: fields.time('started'),
    home: fields.bytes('home'),
    host: fields.text('host'),
    user: fields.text('user'),
    packs: { count: packs.uint('count'), root: packs.bytes('root', hashBytes) },
    parent: snapshotOrNull(fields, 'parent'),
    platform: fields.text('platform'),
    previous: snapshotOrNull(fields, 'previous'),
    seq: readSeq(fields),
    sources,
    tags: fields.texts('tags'),
  };
}

function readCounts(fields: Fields, name: string): SnapshotCounts {
  const counts = uintsOf(fields, 'counts', name, ['excluded', 'failed', 'files', 'folders', 'others', 'saved', 'seen']);
  const { excluded, failed, files, folders, others, saved, seen } = counts;
  if (seen !== saved + excluded + failed || saved !== files + folders + others) fields.refuse('counts');
  return counts;
}

function uintsOf<Key extends string>(
  fields: Fields,
  key: string,
  name: string,
  names: readonly Key[],
): Readonly<Record<Key, number>> {
  const inner = fieldsOf(fields.get(key), name);
  // Each of the names becomes a property in this one step.
  return Object.fromEntries(names.map((one) => [one, inner.uint(one)])) as Record<Key, number>;
}

const snapshotOrNull = (fields: Fields, key: string): SnapshotId | null => {
  const hash = fields.bytesOrNull(key, hashBytes);
  return hash === null ? null : snapshotId(toHex(hash));
};

export function readSeq(fields: Fields): number {
  const seq = fields.uint('seq');
  return seq >= 1 && seq <= seqMost ? seq : fields.refuse('seq');
}

function readExcluded(fields: Fields): Map<string, number> {
  const value = fields.get('excluded');
  if (!isMap(value)) return fields.refuse('excluded');
  return new Map([...value].map(([reason, count]) => [reason, isUint(count) ? count : fields.refuse('excluded')]));
}

function readFailures(fields: Fields): SnapshotFailure[] {
  const failures = fields.array('failures');
  if (failures.length > limits.failuresListed) fields.refuse('failures');
  return failures.map((item) => {
    const [path, code] = isArray(item) && item.length === 2 ? item : [];
    if (!(path instanceof Uint8Array) || typeof code !== 'string') return fields.refuse('failures');
    return { path, code };
  });
}

function readSources(reader: CborReader): SnapshotSource[] {
  const sources: SnapshotSource[] = [];
  for (let left = reader.array(); left > 0; left--) {
    let path: Uint8Array | null = null;
    let entry: TreeEntry | null = null;
    reader.eachKey((key) => {
      if (key === 'path') path = reader.bytes();
      else if (key === 'entry') entry = readEntry(reader);
      else reader.value();
    });
    sources.push(sourceOf(reader, path, entry));
  }
  return sources;
}

function sourceOf(reader: CborReader, path: Uint8Array | null, entry: TreeEntry | null): SnapshotSource {
  if (path === null || entry === null) return reader.refuse('a source lacks its path or its entry');
  // Both separators would pass here: a source's name is shown, and checked again by restore against its platform.
  const isNamed = isRootName(entry.name) || isEntryName(entry.name, 'posix');
  return isNamed ? { path, entry } : reader.refuse('a source has a name that none may have');
}
