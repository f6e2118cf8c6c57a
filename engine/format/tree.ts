import { assert, limits } from '../base/index.ts';
import { CborReader } from './cbor-reader.ts';
import { CborWriter } from './cbor-writer.ts';
import { damaged } from './damaged.ts';
import {
  compareNames,
  isEntryName,
  type NamedOwner,
  type TreeEntry,
  type TreeHeader,
  type TreePlatform,
  treePlatforms,
} from './tree-entry.ts';
import { readEntry } from './tree-entry-reader.ts';
import { writeEntry } from './tree-entry-writer.ts';

/** A directory's listing: `[header, entry, entry, …]` (FORMAT.md section 9). Entries come sorted by name. */
export type Tree = { readonly header: TreeHeader; readonly entries: readonly TreeEntry[] };

const treeVersion = 1;
/** Of a usual entry with one chunk; a wrong guess costs a copy. */
const entryBytesGuess = 96;

export function encodeTree(header: TreeHeader, entries: readonly TreeEntry[]): Uint8Array {
  const writer = new CborWriter(256 + entries.length * entryBytesGuess);
  writer.array(1 + entries.length);
  writeHeader(writer, header);
  let before: Uint8Array | null = null;
  for (const entry of entries) {
    assert(isEntryName(entry.name, header.platform), 'a name that may stand in a tree');
    assert(before === null || compareNames(before, entry.name) < 0, 'entries sorted by name');
    writeEntry(writer, entry);
    before = entry.name;
  }
  assert(writer.length <= limits.treeBytes, 'a tree within its limit');
  return writer.bytesSoFar();
}

/** Names and contents are views into `bytes`. `name` says what is damaged in the error. */
export function decodeTree(bytes: Uint8Array, name: string): Tree {
  const { header, entries } = readTree(bytes, name);
  return { header, entries: [...entries] };
}

/** For listings too large to hold as objects: `entries` reads, and checks, one after the other; it can be used once. */
export type TreeReading = {
  readonly header: TreeHeader;
  readonly count: number;
  readonly entries: Generator<TreeEntry>;
};

export function readTree(bytes: Uint8Array, name: string): TreeReading {
  if (bytes.length > limits.treeBytes) throw damaged(name, 'it is larger than a tree may be');
  const reader = new CborReader(bytes, name);
  const items = reader.array();
  if (items === 0) reader.refuse('it has no header');
  const header = readHeader(reader);
  return { header, count: items - 1, entries: readEntries(reader, items - 1, header.platform) };
}

function* readEntries(reader: CborReader, count: number, platform: TreePlatform): Generator<TreeEntry> {
  let before: Uint8Array | null = null;
  for (let left = count; left > 0; left--) {
    const entry = readEntry(reader);
    if (!isEntryName(entry.name, platform)) reader.refuse('an entry has a name that none may have');
    if (before !== null && compareNames(before, entry.name) >= 0) reader.refuse('entries are not in their order');
    before = entry.name;
    yield entry;
  }
  reader.end();
}

function writeHeader(writer: CborWriter, { platform, owners, groups }: TreeHeader): void {
  writer.array(4);
  writer.uint(treeVersion);
  writer.uint(treePlatforms.indexOf(platform));
  writer.value(owners.map(({ id, name }) => [id, name]));
  writer.value(groups.map(({ id, name }) => [id, name]));
}

function readHeader(reader: CborReader): TreeHeader {
  if (reader.array() !== 4) reader.refuse('its header has a wrong number of fields');
  if (reader.uint() !== treeVersion) reader.refuse('its version is unknown');
  const platform = treePlatforms[reader.uint()] ?? reader.refuse('its platform is unknown');
  return { platform, owners: readOwners(reader), groups: readOwners(reader) };
}

function readOwners(reader: CborReader): NamedOwner[] {
  const owners: NamedOwner[] = [];
  let before = -1;
  for (let left = reader.array(); left > 0; left--) {
    if (reader.array() !== 2) reader.refuse('an owner has an id and a name');
    const id = reader.uint();
    if (id <= before) reader.refuse('owners are not in their order');
    before = id;
    owners.push({ id, name: reader.text() });
  }
  return owners;
}
