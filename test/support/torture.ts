import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { createRealFileSystem, decodePath, type FileSystem, joinPath } from '../../engine/filesystem/index.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { hasProgram } from './outside.ts';

/**
 * A tree with everything that file systems can hold and programs forget (rows 11 and 12 of the fault list). What this
 * system or this user cannot make is left out and told, never silently.
 */
export type Torture = {
  readonly seed: number;
  readonly entries: number;
  /** In words: what could not be made here. */
  readonly leftOut: readonly string[];
};

export type TortureOptions = { readonly seed?: number; readonly isRoot: boolean };

type Site = {
  readonly fileSystem: FileSystem;
  readonly isRoot: boolean;
  readonly bytes: (length: number) => Uint8Array;
  readonly leftOut: string[];
  entries: number;
};

const KiB = 1024;
const MiB = 1024 * KiB;
/** Where pieces, bundles and chunks of the default vault change their ways. */
const boundaries = [64, 4 * KiB, 64 * KiB, 128 * KiB, 256 * KiB, 512 * KiB, 4 * MiB, 8 * MiB];

export async function writeTorture(folder: string, { seed = 1, isRoot }: TortureOptions): Promise<Torture> {
  const random = seededRandom(seed);
  const fileSystem = createRealFileSystem();
  const site: Site = { fileSystem, isRoot, bytes: (length) => random.bytes(length), leftOut: [], entries: 0 };
  const parts: readonly [string, (site: Site, folder: string) => void | Promise<void>][] = [
    ['names', writeNames],
    ['sizes', writeSizes],
    ['deep', writeDeep],
    ['links', writeLinks],
    ['hard links', writeHardLinks],
    ['sparse', writeSparse],
    ['attributes', writeAttributes],
    ['lists', writeAccessLists],
    ['special', writeSpecial],
    ['modes', writeModes],
    ['times', writeTimes],
    ['empty', (place, path) => void place.fileSystem.makeFolder(joinPath(path, 'folder'))],
  ];
  fileSystem.makeFolder(folder);
  for (const [name, write] of parts) {
    const path = joinPath(folder, name);
    fileSystem.makeFolder(path);
    await write(site, path);
  }
  return { seed, entries: site.entries, leftOut: site.leftOut };
}

function file(site: Site, folder: string, name: string, content: Uint8Array | string = ''): string {
  const path = joinPath(folder, name);
  const fd = site.fileSystem.open(path, 'create', 0o644);
  try {
    site.fileSystem.write(fd, typeof content === 'string' ? Buffer.from(content) : content, 0);
  } finally {
    site.fileSystem.close(fd);
  }
  site.entries++;
  return path;
}

/** Does what this place may refuse. */
function attempt(site: Site, what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    site.leftOut.push(`${what} (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`);
  }
}

function writeNames(site: Site, folder: string): void {
  for (const [number, name] of everyCodePoint().entries()) file(site, folder, decodePath(name), `name ${number}`);
  const odd = [
    ' ',
    '  trailing ',
    '-rf',
    '--help',
    '...',
    '.hidden',
    '~',
    '$HOME',
    '`id`',
    '"',
    "'",
    '\\',
    '*',
    '?',
    'a\nb',
    'a\rb',
    '\x1b[31mred',
    '\x07',
    '\x7f',
    'CON',
    'con.txt',
    'NUL',
    'COM1',
    'aux',
    'trailing.',
    'trailing ',
    'a:b',
    'a|b',
    '<>',
    'File',
    'file',
    'FILE',
    'fiLe',
    'Straße',
    'STRASSE',
    'ﬁ',
    'fi',
    'İ',
    'i̇',
    '\u202etxt.exe',
    '\ufeffbom',
    '👩‍👩‍👧',
    '𝒜',
  ];
  for (const name of odd) file(site, folder, name, name);
  for (const word of ['é', 'Å', '한글', 'ộ', 'が']) {
    for (const form of ['NFC', 'NFD'] as const) file(site, folder, `pair ${word}`.normalize(form), form);
  }
  const invalid = [
    [0xff],
    [0xc3],
    [0xc3, 0x28],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
    [0x80, 0x81],
    [0xc0, 0xaf],
    [0xf5, 0x80],
  ];
  for (const bytes of invalid) file(site, folder, decodePath(Buffer.from(bytes)), bytes.join());
  file(site, folder, 'x'.repeat(255), 'longest');
  file(site, folder, 'ü'.repeat(127), 'longest of two bytes');
  file(site, folder, decodePath(Buffer.alloc(255, 0xfe)), 'longest of no letters');
  site.fileSystem.makeFolder(joinPath(folder, decodePath(Buffer.from([0x66, 0xfc, 0x72]))));
}

/** All of the basic multilingual plane but `/` and NUL, in names of up to 255 bytes; surrogates as the bytes they would be. */
function everyCodePoint(): Uint8Array[] {
  const names: Uint8Array[] = [];
  let bytes: number[] = [];
  for (let point = 1; point <= 0xffff; point++) {
    if (point === 0x2f) continue;
    const more = bytesOf(point);
    if (bytes.length + more.length > 255) {
      names.push(Uint8Array.from(bytes));
      bytes = [];
    }
    bytes.push(...more);
  }
  return [...names, Uint8Array.from(bytes)];
}

function bytesOf(point: number): number[] {
  if (point < 0x80) return [point];
  if (point < 0x800) return [0xc0 | (point >> 6), 0x80 | (point & 63)];
  return [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)];
}

function writeSizes(site: Site, folder: string): void {
  for (const size of boundaries) {
    for (const change of size < MiB ? [-1, 0, 1] : [0, 1])
      file(site, folder, `noise ${size + change}`, site.bytes(size + change));
    file(site, folder, `zeros ${size}`, new Uint8Array(size));
    file(site, folder, `text ${size}`, Buffer.alloc(size, 'all work and no play\n'));
  }
  for (let size = 0; size < 40; size++) file(site, folder, `small ${size}`, site.bytes(size));
  file(site, folder, 'twin', Buffer.alloc(5 * MiB, 'the same'));
  file(site, folder, 'twin too', Buffer.alloc(5 * MiB, 'the same'));
}

function writeDeep(site: Site, folder: string): void {
  let path = folder;
  for (let depth = 0; depth < 200; depth++) {
    path = joinPath(path, `d${depth}`);
    site.fileSystem.makeFolder(path);
    if (depth % 50 === 0) file(site, path, 'file', `depth ${depth}`);
  }
  let wide = folder;
  for (let depth = 0; depth < 12; depth++) {
    wide = joinPath(wide, `${'long'.repeat(60)}${depth}`);
    site.fileSystem.makeFolder(wide);
  }
  file(site, wide, 'end', 'of a path of nearly 3,000 bytes');
}

function writeLinks(site: Site, folder: string): void {
  const { fileSystem } = site;
  file(site, folder, 'aim', 'what links lead to');
  const targets: readonly [string, string][] = [
    ['relative', 'aim'],
    ['absolute', joinPath(folder, 'aim')],
    ['dangling', 'nothing/there'],
    ['self', 'self'],
    ['loop one', 'loop two'],
    ['loop two', 'loop one'],
    ['up', '..'],
    ['outside', '/etc/passwd'],
    ['to folder', '../empty'],
    ['dots', './././../links/aim'],
    ['odd', decodePath(Buffer.from([0xff, 0x0a, 0x20]))],
    ['longest', 'x/'.repeat(2047)],
  ];
  for (const [name, target] of targets) fileSystem.makeLink(target, joinPath(folder, name));
  site.entries += targets.length;
  fileSystem.setTime(joinPath(folder, 'dangling'), 1_234_567_890, 123_456_789);
  if (site.isRoot) fileSystem.setOwner(joinPath(folder, 'dangling'), 12_345, 54_321);
}

function writeHardLinks(site: Site, folder: string): void {
  const { fileSystem } = site;
  const first = file(site, folder, 'first', site.bytes(10_000));
  fileSystem.makeHardLink(first, joinPath(folder, 'second'));
  for (const name of ['near', 'far']) {
    fileSystem.makeFolder(joinPath(folder, name));
    fileSystem.makeHardLink(first, joinPath(folder, `${name}/third of ${name}`));
  }
  const large = file(site, folder, 'large', site.bytes(9 * MiB));
  fileSystem.makeHardLink(large, joinPath(folder, 'near/large too'));
  const empty = file(site, folder, 'nothing in it');
  fileSystem.makeHardLink(empty, joinPath(folder, 'nothing in it either'));
  attempt(site, 'hard links of symbolic links', () => {
    fileSystem.makeLink('first', joinPath(folder, 'link'));
    fileSystem.makeHardLink(joinPath(folder, 'link'), joinPath(folder, 'link too'));
  });
}

function writeSparse(site: Site, folder: string): void {
  const shapes: readonly [string, number, readonly number[]][] = [
    ['only a hole', 40 * MiB, []],
    ['at the beginning', 20 * MiB, [0]],
    ['at the end', 20 * MiB, [20 * MiB - 4096]],
    ['islands', 64 * MiB, [MiB, 17 * MiB + 4096, 33 * MiB, 50 * MiB]],
    ['odd size', 10 * MiB + 777, [5 * MiB]],
  ];
  for (const [name, size, islands] of shapes) {
    const path = file(site, folder, name);
    const fd = site.fileSystem.open(path, 'write');
    site.fileSystem.truncate(fd, size);
    for (const offset of islands) site.fileSystem.write(fd, site.bytes(4096), offset);
    site.fileSystem.sync(fd);
    site.fileSystem.close(fd);
  }
}

function writeAttributes(site: Site, folder: string): void {
  const { fileSystem } = site;
  if (!fileSystem.support.xattrs) return void site.leftOut.push('extended attributes (this system has none)');
  const set = (path: string, name: string, value: Uint8Array): void =>
    attempt(site, `attribute ${name}`, () => fileSystem.setXattr(path, name, value));
  const path = file(site, folder, 'many', 'with attributes');
  set(path, 'user.text', Buffer.from('grüße'));
  set(path, 'user.empty', new Uint8Array(0));
  set(
    path,
    'user.binary',
    Uint8Array.from({ length: 256 }, (_, at) => at),
  );
  set(path, `user.${'long name '.repeat(20)}`, Buffer.from('x'));
  for (let number = 0; number < 30; number++) set(path, `user.number ${number}`, site.bytes(number));
  set(file(site, folder, 'large'), 'user.large', site.bytes(1500));
  fileSystem.makeFolder(joinPath(folder, 'folder'));
  set(joinPath(folder, 'folder'), 'user.folder', Buffer.from('on a folder'));
  if (!site.isRoot) return void site.leftOut.push('attributes of security.* and trusted.* (they need root)');
  set(path, 'security.coffer', Buffer.from([0, 1, 2, 255]));
  set(path, 'trusted.coffer', Buffer.from('trusted'));
  const capable = file(site, folder, 'capable', '#!/bin/sh\n');
  // cap_net_raw=ep, as `setcap` writes it.
  set(capable, 'security.capability', Buffer.from('0100000200200000000000000000000000000000', 'hex'));
  fileSystem.makeLink('nowhere', joinPath(folder, 'link'));
  set(joinPath(folder, 'link'), 'trusted.link', Buffer.from('on the link itself'));
}

function writeAccessLists(site: Site, folder: string): void {
  if (!hasProgram('setfacl')) return void site.leftOut.push('POSIX access lists (setfacl is not here)');
  const path = file(site, folder, 'listed', 'some may read this');
  site.fileSystem.makeFolder(joinPath(folder, 'shared'));
  const calls = [
    ['-m', 'u:12345:rw,g:54321:r--,m::rw', path],
    ['-m', 'u:12345:rwx,d:u:12345:rwx,d:g::r-x', joinPath(folder, 'shared')],
  ];
  for (const args of calls) {
    attempt(site, 'POSIX access lists', () => void execFileSync('setfacl', args, { stdio: 'pipe', encoding: 'utf8' }));
  }
  // It inherits the list of its folder, which a restore must neither lose nor set twice.
  file(site, joinPath(folder, 'shared'), 'inherits', 'from its folder');
}

async function writeSpecial(site: Site, folder: string): Promise<void> {
  const { fileSystem } = site;
  attempt(site, 'FIFOs', () => fileSystem.makeSpecial(joinPath(folder, 'pipe'), 'fifo', 0, 0));
  attempt(site, 'sockets', () => fileSystem.makeSpecial(joinPath(folder, 'socket'), 'socket', 0, 0));
  await listenOnce(joinPath(folder, 'socket of a server'));
  site.entries += 3;
  if (!site.isRoot) return void site.leftOut.push('device nodes (they need root)');
  attempt(site, 'devices', () => fileSystem.makeSpecial(joinPath(folder, 'null'), 'character', 1, 3));
  attempt(site, 'devices', () => fileSystem.makeSpecial(joinPath(folder, 'disk'), 'block', 250, 70_000));
  for (const name of ['pipe', 'null']) {
    fileSystem.setMode(joinPath(folder, name), 0o640);
    fileSystem.setOwner(joinPath(folder, name), 7, 9);
    fileSystem.setTime(joinPath(folder, name), 1_000_000_000, 5);
  }
}

/** A socket as a program that crashed leaves it: in a folder whose path is short enough for it. */
async function listenOnce(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  createRealFileSystem().makeHardLink(path, `${path} kept`);
  await new Promise((resolve) => server.close(resolve));
}

function writeModes(site: Site, folder: string): void {
  const { fileSystem } = site;
  for (const mode of [0o000, 0o111, 0o400, 0o444, 0o600, 0o755, 0o777, 0o4755, 0o2755, 0o1644, 0o6711]) {
    // Nobody but root can read what even its owner may not.
    if ((mode & 0o400) === 0 && !site.isRoot) continue;
    fileSystem.setMode(file(site, folder, `file ${mode.toString(8)}`, `${mode}`), mode);
  }
  for (const mode of [0o000, 0o500, 0o700, 0o1777, 0o2775]) {
    if ((mode & 0o500) !== 0o500 && !site.isRoot) continue;
    const path = joinPath(folder, `folder ${mode.toString(8)}`);
    fileSystem.makeFolder(path);
    file(site, path, 'inside', `${mode}`);
    fileSystem.setMode(path, mode);
  }
  if (!site.isRoot) return void site.leftOut.push('owners and modes without read (they need root)');
  for (const [uid, gid] of [
    [0, 1],
    [65_534, 65_534],
    [4_000_000_000, 4_294_967_294],
    [1000, 0],
  ] as const) {
    const path = file(site, folder, `owned ${uid} ${gid}`, 'owned');
    fileSystem.setOwner(path, uid, gid);
    fileSystem.setMode(path, 0o4750);
  }
}

/** Beginnings of eras: 1901 and 2446 are as far as ext4 goes. */
const moments: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, 1],
  [-1, 999_999_999],
  [-1, 0],
  [-1_000_000_000, 123_456_789],
  [-2_147_483_648, 0],
  [1, 999_999_999],
  [1_700_000_000, 100],
  [1_700_000_000, 99],
  [2_147_483_647, 999_999_999],
  [2_147_483_648, 0],
  [4_294_967_296, 7],
  [15_032_385_535, 999_999_999],
];

function writeTimes(site: Site, folder: string): void {
  for (const [seconds, nanoseconds] of moments) {
    const name = `${seconds}.${nanoseconds}`;
    site.fileSystem.setTime(file(site, folder, name, name), seconds, nanoseconds);
    const path = joinPath(folder, `folder ${name}`);
    site.fileSystem.makeFolder(path);
    file(site, path, 'inside', name);
    site.fileSystem.setTime(path, seconds, nanoseconds);
  }
}
