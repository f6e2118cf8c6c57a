import { createCipheriv } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import {
  createRealFileSystem,
  type FileStat,
  type FileSystem,
  joinPath,
  sortNames,
} from '../../engine/filesystem/index.ts';

/** What a test writes: names with text, bytes, a link or a folder of the same. */
export type SampleTree = { readonly [name: string]: string | Uint8Array | Link | SampleTree };

/** A class, so that it is never taken for a folder with one entry. */
export class Link {
  readonly target: string;
  constructor(target: string) {
    this.target = target;
  }
}
export const linkTo = (target: string): Link => new Link(target);

/** Bytes that no compressor makes smaller, the same for the same seed. */
export function noise(length: number, seed = 1): Uint8Array {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  return new Uint8Array(createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length)));
}

/** A bit of everything: nested and empty folders, an empty file, links, odd names, a file of many chunks. */
export function sampleTree(): SampleTree {
  return {
    'notes.txt': 'first line\n',
    empty: '',
    'Große Namen ☂': 'umbrella',
    letters: { 'a.txt': 'a', 'b.txt': 'b', deep: { deeper: { 'end.txt': 'the end' } } },
    nothing: {},
    photos: { 'one.raw': noise(3_000_000, 1), 'two.raw': noise(700_000, 2) },
    shortcut: linkTo('letters/a.txt'),
  };
}

/** Writes a tree below a folder, which is made; modes and times are the same on every run. */
export function writeTree(folder: string, tree: SampleTree): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(tree)) {
    const path = joinPath(folder, name);
    if (content instanceof Link) symlinkSync(content.target, path);
    else if (typeof content === 'string' || content instanceof Uint8Array) {
      writeFileSync(path, content);
      chmodSync(path, 0o640);
      utimesSync(path, 1_600_000_000, 1_600_000_000);
    } else writeTree(path, content);
  }
}

/**
 * How two trees differ, byte for byte: names, kinds, modes, owners, times to the nanosecond, link targets, extended
 * attributes, contents. Empty: identical. The roots' own metadata is left out, because restores make them.
 */
export function treeDifferences(
  left: string,
  right: string,
  fileSystem: FileSystem = createRealFileSystem(),
): string[] {
  const differences: string[] = [];
  const stack = [''];
  for (let relative = stack.pop(); relative !== undefined; relative = stack.pop()) {
    const names = sortNames(fileSystem.list(left + relative));
    const others = sortNames(fileSystem.list(right + relative));
    for (const name of new Set([...names, ...others])) {
      const path = `${relative}/${name}`;
      if (!others.includes(name)) differences.push(`${path}: only on the left`);
      else if (!names.includes(name)) differences.push(`${path}: only on the right`);
      else {
        differences.push(...entryDifferences(fileSystem, left + path, right + path).map((what) => `${path}: ${what}`));
        if (fileSystem.lstat(left + path).kind === 'folder' && fileSystem.lstat(right + path).kind === 'folder')
          stack.push(path);
      }
    }
  }
  return differences.sort();
}

function entryDifferences(fileSystem: FileSystem, left: string, right: string): string[] {
  const [one, other] = [fileSystem.lstat(left), fileSystem.lstat(right)];
  if (one.kind !== other.kind) return [`${one.kind} and ${other.kind}`];
  const compared = [
    'mode',
    'uid',
    'gid',
    'mtimeSeconds',
    'mtimeNanoseconds',
    'major',
    'minor',
  ] satisfies (keyof FileStat)[];
  const found = compared
    .filter((field) => one[field] !== other[field])
    .map((field) => `${field} ${one[field]} and ${other[field]}`);
  if (one.kind === 'link' && fileSystem.readLink(left) !== fileSystem.readLink(right)) found.push('other target');
  if (one.kind === 'file' && Buffer.compare(readFile(fileSystem, left), readFile(fileSystem, right)) !== 0)
    found.push('other bytes');
  const [xattrs, others] = [xattrsOf(fileSystem, left), xattrsOf(fileSystem, right)];
  if (xattrs !== others) found.push(`attributes ${xattrs} and ${others}`);
  return found;
}

function xattrsOf(fileSystem: FileSystem, path: string): string {
  const xattrs = fileSystem.xattrs(path).map(({ name, value }) => `${name}=${Buffer.from(value).toString('hex')}`);
  return xattrs.sort().join(' ');
}

export function readFile(fileSystem: FileSystem, path: string): Uint8Array {
  const fd = fileSystem.open(path, 'read');
  try {
    const bytes = new Uint8Array(fileSystem.fstat(fd).size);
    for (let at = 0; at < bytes.length; ) {
      const count = fileSystem.read(fd, bytes.subarray(at), at);
      if (count === 0) throw new Error(`${path} shrank while it was read`);
      at += count;
    }
    return bytes;
  } finally {
    fileSystem.close(fd);
  }
}
