/** From what the system tells about a path (a `struct statx`, or Node's BigIntStats) to a FileStat. */
import type { BigIntStats } from 'node:fs';
import type { FileKind, FileStat } from './port.ts';

export const typeBits = {
  fifo: 0o010000,
  character: 0o020000,
  folder: 0o040000,
  block: 0o060000,
  file: 0o100000,
  link: 0o120000,
  socket: 0o140000,
} as const satisfies Record<FileKind, number>;

const kinds: readonly (FileKind | undefined)[] = Object.entries(typeBits).reduce<(FileKind | undefined)[]>(
  (table, [kind, bits]) => {
    table[bits >> 12] = kind as FileKind; // the keys of typeBits are FileKinds
    return table;
  },
  new Array(16).fill(undefined),
);

function kindOf(mode: number): FileKind {
  return kinds[(mode >> 12) & 15] ?? 'file';
}

/** The kernel's number of a device, as `st_dev` has it. */
export function deviceNumber(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 2 ** 8 + (minor >>> 8) * 2 ** 20 + (major >>> 12) * 2 ** 44;
}

/** Numbers beyond 2^53 (inodes of some network file systems) lose their last bits: good enough to notice a change. */
function word(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

function signedWord(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getInt32(at + 4, true) * 2 ** 32;
}

/** Offsets of `struct statx`, the same on every processor. */
export function statOfStatx(view: DataView): FileStat {
  const mode = view.getUint16(0x1c, true);
  return {
    kind: kindOf(mode),
    size: word(view, 0x28),
    mode: mode & 0o7777,
    uid: view.getUint32(0x14, true),
    gid: view.getUint32(0x18, true),
    mtimeSeconds: signedWord(view, 0x70),
    mtimeNanoseconds: view.getUint32(0x78, true),
    ctimeSeconds: signedWord(view, 0x60),
    ctimeNanoseconds: view.getUint32(0x68, true),
    inode: word(view, 0x20),
    device: deviceNumber(view.getUint32(0x88, true), view.getUint32(0x8c, true)),
    links: view.getUint32(0x10, true),
    blocks: word(view, 0x30),
    major: view.getUint32(0x80, true),
    minor: view.getUint32(0x84, true),
  };
}

export function statOfNode(stats: BigIntStats): FileStat {
  const mode = Number(stats.mode);
  const kind = kindOf(mode);
  const device = kind === 'character' || kind === 'block' ? Number(stats.rdev) : 0;
  const mtime = splitTime(stats.mtimeNs);
  const ctime = splitTime(stats.ctimeNs);
  return {
    kind,
    size: Number(stats.size),
    mode: mode & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mtimeSeconds: mtime.seconds,
    mtimeNanoseconds: mtime.nanoseconds,
    ctimeSeconds: ctime.seconds,
    ctimeNanoseconds: ctime.nanoseconds,
    inode: Number(stats.ino),
    device: Number(stats.dev),
    links: Number(stats.nlink),
    blocks: Number(stats.blocks),
    major: Math.floor(device / 2 ** 8) % 2 ** 12,
    minor: (device % 2 ** 8) + (Math.floor(device / 2 ** 20) % 2 ** 12) * 2 ** 8,
  };
}

function splitTime(time: bigint): { readonly seconds: number; readonly nanoseconds: number } {
  const nanoseconds = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return { seconds: Number((time - nanoseconds) / 1_000_000_000n), nanoseconds: Number(nanoseconds) };
}
