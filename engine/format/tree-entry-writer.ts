import { type Time, unreachable } from '../base/index.ts';
import type { CborField, CborWriter } from './cbor-writer.ts';
import { entryKinds, type TreeEntry } from './tree-entry.ts';

const fieldCount = 11;

export function writeEntry(writer: CborWriter, entry: TreeEntry): void {
  const extras = extrasOf(writer, entry);
  writer.array(extras.length > 0 ? fieldCount + 1 : fieldCount);
  writer.uint(entryKinds.indexOf(entry.kind));
  writer.bytes(entry.name);
  writer.uint(entry.mode);
  writer.uint(entry.uid);
  writer.uint(entry.gid);
  writeTime(writer, entry.mtime);
  writeTime(writer, entry.ctime);
  writer.uint(entry.kind === 'file' || entry.kind === 'folder' ? entry.size : 0);
  writeContent(writer, entry);
  if (extras.length > 0) writer.fields(extras);
}

function writeTime(writer: CborWriter, time: Time): void {
  writer.int(time.seconds);
  writer.uint(time.nanoseconds);
}

function writeContent(writer: CborWriter, entry: TreeEntry): void {
  switch (entry.kind) {
    case 'file':
    case 'folder':
      return entry.content === null ? writer.null() : writer.bytes(entry.content);
    case 'symlink':
      return writer.bytes(entry.target);
    case 'charDevice':
    case 'blockDevice':
      writer.array(2);
      writer.uint(entry.major);
      return writer.uint(entry.minor);
    case 'fifo':
    case 'socket':
      return writer.null();
    default:
      unreachable(entry);
  }
}

const holesOf = (entry: TreeEntry): readonly number[] => (entry.kind === 'file' ? (entry.holes ?? []) : []);
const entriesOf = (entry: TreeEntry): number | undefined => (entry.kind === 'folder' ? entry.entries : undefined);

function extrasOf(writer: CborWriter, entry: TreeEntry): readonly CborField[] {
  const { state, hardLink, xattrs = [], unknown } = entry;
  const entries = entriesOf(entry);
  const holes = holesOf(entry);
  const extras: CborField[] = [];
  if (state !== undefined) extras.push(['e', () => writer.text(state)]);
  if (entries !== undefined) extras.push(['f', () => writer.uint(entries)]);
  if (hardLink !== undefined) {
    const { inode, device } = hardLink;
    extras.push(['h', () => writer.value(device === undefined ? [inode] : [inode, device])]);
  }
  if (holes.length > 0) extras.push(['s', () => writer.value(holes)]);
  if (xattrs.length > 0) extras.push(['x', () => writer.value(xattrs.map(({ name, value }) => [name, value]))]);
  for (const [key, value] of unknown ?? []) extras.push([key, () => writer.value(value)]);
  return extras;
}
