import { chunkIdBytes, type Time } from '../base/index.ts';
import type { CborReader } from './cbor-reader.ts';
import type { CborValue } from './cbor-writer.ts';
import {
  compareNames,
  entryKinds,
  type FileEntry,
  type FolderEntry,
  type HardLink,
  type TreeEntry,
  type Xattr,
} from './tree-entry.ts';

const fieldCount = 11;
const modeMost = 0o7777;
const idMost = 0xffffffff;
const nanosecondsMost = 999_999_999;

/** Checks everything but the name, which depends on where the entry stands. Names and contents are views, not copies. */
export function readEntry(reader: CborReader): TreeEntry {
  const fields = reader.array();
  if (fields !== fieldCount && fields !== fieldCount + 1) reader.refuse('an entry has a wrong number of fields');
  const kind = entryKinds[reader.uint()];
  const name = reader.bytes();
  const mode = reader.uintUpTo(modeMost);
  const uid = reader.uintUpTo(idMost);
  const gid = reader.uintUpTo(idMost);
  const mtime = readTimeFields(reader);
  const ctime = readTimeFields(reader);
  const size = reader.uint();
  const common = { name, mode, uid, gid, mtime, ctime };
  if (size !== 0 && kind !== 'file' && kind !== 'folder') reader.refuse('an entry has a size that it cannot have');
  const extras = (): Extras => (fields > fieldCount ? readExtras(reader) : {});
  switch (kind) {
    case 'file':
    case 'folder': {
      const content = readIds(reader, kind);
      return contentEntry(reader, { ...common, kind, size, content }, extras());
    }
    case 'symlink': {
      const target = reader.bytes();
      return { kind, ...common, target, ...plainExtras(reader, extras()) };
    }
    case 'charDevice':
    case 'blockDevice': {
      if (reader.array() !== 2) reader.refuse('a device has two numbers');
      const major = reader.uintUpTo(idMost);
      const minor = reader.uintUpTo(idMost);
      return { kind, ...common, major, minor, ...plainExtras(reader, extras()) };
    }
    case 'fifo':
    case 'socket':
      if (!reader.skipNull()) reader.refuse('an entry has content that it cannot have');
      return { kind, ...common, ...plainExtras(reader, extras()) };
    default:
      return reader.refuse('an entry is of an unknown type');
  }
}

function readTimeFields(reader: CborReader): Time {
  const seconds = reader.int();
  return { seconds, nanoseconds: reader.uintUpTo(nanosecondsMost) };
}

/** A file's chunk ids may be none; a folder's listing is never empty, so neither are its ids. */
function readIds(reader: CborReader, kind: 'file' | 'folder'): Uint8Array | null {
  if (reader.skipNull()) return null;
  const ids = reader.bytes();
  if (ids.length % chunkIdBytes !== 0 || (kind === 'folder' && ids.length === 0)) {
    reader.refuse('a list of chunk ids has a wrong length');
  }
  return ids;
}

type Extras = {
  state?: string;
  entries?: number;
  hardLink?: HardLink;
  holes?: readonly number[];
  xattrs?: readonly Xattr[];
  unknown?: Map<string, CborValue>;
};

type ContentFields = Omit<FileEntry, 'kind'> & { readonly kind: 'file' | 'folder' };

function contentEntry(reader: CborReader, fields: ContentFields, extras: Extras): FileEntry | FolderEntry {
  const { entries, holes, ...rest } = extras;
  if (fields.kind === 'folder') {
    if (holes !== undefined) reader.refuse('only a file has holes');
    return { ...fields, kind: 'folder', ...rest, ...(entries === undefined ? {} : { entries }) };
  }
  if (entries !== undefined) reader.refuse('only a folder has entries');
  if (fields.size > 0 && fields.content?.length === 0) reader.refuse('a file has a size and no chunks');
  if (fields.size === 0 && fields.content !== null && fields.content.length > 0) {
    reader.refuse('an empty file has chunks');
  }
  if (holes === undefined) return { ...fields, kind: 'file', ...rest };
  checkHoles(reader, holes, fields.size);
  return { ...fields, kind: 'file', ...rest, holes };
}

function plainExtras(reader: CborReader, extras: Extras): Omit<Extras, 'entries' | 'holes'> {
  const { entries, holes, ...rest } = extras;
  if (entries !== undefined || holes !== undefined) reader.refuse('an entry has an extra that it cannot have');
  return rest;
}

function readExtras(reader: CborReader): Extras {
  const extras: Extras = {};
  let count = 0;
  reader.eachKey((key) => {
    count++;
    if (key === 'e') extras.state = reader.text();
    else if (key === 'f') extras.entries = reader.uint();
    else if (key === 'h') extras.hardLink = readHardLink(reader);
    else if (key === 's') extras.holes = readHoles(reader);
    else if (key === 'x') extras.xattrs = readXattrs(reader);
    else {
      extras.unknown ??= new Map();
      extras.unknown.set(key, reader.value());
    }
  });
  if (count === 0) reader.refuse('extras are empty');
  return extras;
}

function readHardLink(reader: CborReader): HardLink {
  const count = reader.array();
  if (count !== 1 && count !== 2) reader.refuse('a hard link has one or two numbers');
  const inode = reader.bigUint();
  return count === 1 ? { inode } : { inode, device: reader.bigUint() };
}

function readHoles(reader: CborReader): number[] {
  const holes: number[] = [];
  for (let left = reader.array(); left > 0; left--) holes.push(reader.uint());
  return holes;
}

function checkHoles(reader: CborReader, holes: readonly number[], size: number): void {
  if (holes.length === 0 || holes.length % 2 !== 0) reader.refuse('holes come in pairs of offset and length');
  let end = 0;
  for (let at = 0; at < holes.length; at += 2) {
    const offset = holes[at] ?? 0;
    const length = holes[at + 1] ?? 0;
    if (offset < end || length === 0) reader.refuse('holes are not in their order');
    end = offset + length;
  }
  if (end > size) reader.refuse('a hole reaches beyond its file');
}

function readXattrs(reader: CborReader): Xattr[] {
  const xattrs: Xattr[] = [];
  let before: Uint8Array = new Uint8Array(0);
  let left = reader.array();
  if (left === 0) reader.refuse('extended attributes are empty');
  for (; left > 0; left--) {
    if (reader.array() !== 2) reader.refuse('an extended attribute has a name and a value');
    const name = reader.bytes();
    if (compareNames(before, name) >= 0) reader.refuse('extended attributes are not in their order');
    xattrs.push({ name, value: reader.bytes() });
    before = name;
  }
  return xattrs;
}
