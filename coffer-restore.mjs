#!/usr/bin/env node
// coffer-restore: gives back the files of a Coffer vault, without Coffer.
//
// This one file needs nothing but Node.js 24.7 or newer: no installation, no network, no other part of Coffer.
// It was written from the page "The vault format, version 1" (FORMAT.md) alone; "§" below means a section of it.
// It only ever reads the store, and writes only below the folder given with --target.

// Default imports only: an old Node must get as far as the sentence in checkNode().
import buffer from 'node:buffer';
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';

const HELP = `coffer-restore: restores files from a Coffer vault, without Coffer.

  node coffer-restore.mjs --store DIR --target DIR [SNAPSHOT]
  node coffer-restore.mjs --store DIR --list

  --store DIR    the folder that holds the vault (with config, keys, packs, snapshots, heads in it)
  --target DIR   where the files go; a new or an empty folder
  SNAPSHOT       the beginning of a snapshot's hash as --list shows it, or "latest"
                 (without it: the newest snapshot of all devices)
  --list         show the snapshots and restore nothing
  --xattrs       restore extended attributes and ACLs too, through the command setfattr
  --untrusted    also offer snapshots that no intact part of a device's log names
                 (what is restored from them is checked like everything else)
  --help         this text

The secret is taken from the environment: COFFER_PASSPHRASE, or COFFER_PHRASE with the 24 words.

A file /home/ada/a.txt is restored to TARGET/home/ada/a.txt. Nothing that exists is ever overwritten, and no
symbolic link below the target is followed. Every byte is checked before it is written; a file that cannot be
restored completely is not left behind half, and its path and the reason are printed.

Limits: times are set as closely as Node.js can (better than a microsecond, not to the nanosecond). The time of
the last status change cannot be set at all. Owners are set, by number, only when root runs this; without root
the set-user-id and set-group-id bits are left off. Named pipes need the command mkfifo. Sockets and device files
are not restored.

Exit codes: 0 all restored; 3 some files are missing; 4 the vault is damaged and nothing could be restored;
5 wrong secret; 2 wrong usage; 1 anything else.`;

const EXIT = { ok: 0, other: 1, usage: 2, missing: 3, damaged: 4, secret: 5 };

const MIB = 1024 * 1024;
const MAX_SLOT = 358; // §3.1: 158 bytes and a label of at most 200
const MAX_SEALED = 256 * MIB; // §4
const MAX_LOG = 64 * MIB; // §4
const MAX_PACK = 16 * MIB; // §7
const MAX_PIECE = 8 * MIB; // §7
const MAX_TREE = 1024 * MIB; // §13
const MAX_DEPTH = 4096; // §13
const MAX_ITEMS = 1000000; // §13: CBOR items in a config, snapshot or log entry
const MAX_NESTING = 32; // enough for 16 levels below an unknown key (§13), wherever that stands

// Something in the vault does not hold together. What does hold together goes on.
class Damaged extends Error {}

// The run ends here, with a message for a person and an exit code.
class Stop extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if ((major > 24 || (major === 24 && minor >= 7)) && zlib.zstdDecompressSync && crypto.argon2Sync) return true;
  console.error(
    `coffer-restore needs Node.js 24.7 or newer, and this is Node.js ${process.versions.node}: ` +
      'please get a newer one from nodejs.org and run the same command again.',
  );
  return false;
}

// ---------------------------------------------------------------------------------------------- words for people

let progressShown = false;

function clearProgress() {
  if (progressShown) process.stderr.write('\r\x1b[K');
  progressShown = false;
}

function say(text) {
  clearProgress();
  console.log(text);
}

function warn(text) {
  clearProgress();
  console.error(text);
}

const plural = (n, one, many) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
const short = (hash) => hash.slice(0, 12);

// Names from a vault may hold anything: nothing in them may steer the terminal.
function show(name) {
  if (Buffer.isBuffer(name) && !buffer.isUtf8(name)) {
    return Array.from(name, (b) => (b < 32 || b > 126 ? hexEscape(b) : String.fromCharCode(b))).join('');
  }
  return String(name).replace(/[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (c) =>
    c < '\u0100' ? hexEscape(c.charCodeAt(0)) : `\\u${c.charCodeAt(0).toString(16)}`,
  );
}

function hexEscape(byte) {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

function showSize(bytes) {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  for (; bytes >= 1000 && unit < units.length - 1; unit++) bytes /= 1000;
  return unit === 0 ? plural(bytes, 'byte', 'bytes') : `${bytes.toFixed(1)} ${units[unit]}`;
}

function showTime([seconds]) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? 'unknown time' : `${date.toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}

// ------------------------------------------------------------------------------------------------------ CBOR (§1)

// Strict: refuses everything but the core deterministic encoding without floats and tags. `more`, if given, hands
// over the next bytes of a long text that comes in parts; `left` is how many bytes are still to come that way.
class Cbor {
  constructor(bytes, more = null, left = 0) {
    this.bytes = bytes;
    this.at = 0;
    this.more = more;
    this.left = left;
    this.itemsLeft = more ? Infinity : MAX_ITEMS;
  }

  available() {
    return this.bytes.length - this.at + this.left;
  }

  take(n) {
    if (n > this.available()) throw new Damaged('its encoding ends too early');
    if (this.at + n > this.bytes.length) this.refill(n);
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  refill(n) {
    const parts = [this.bytes.subarray(this.at)];
    let length = parts[0].length;
    while (length < n) {
      const part = this.more();
      this.left -= part.length;
      length += part.length;
      parts.push(part);
    }
    this.bytes = Buffer.concat(parts);
    this.at = 0;
  }

  // The first byte of an item and its number: [major type, number or BigInt].
  head() {
    const first = this.take(1)[0];
    const major = first >> 5;
    const info = first & 31;
    if (info < 24) return [major, info];
    if (info > 27 || major === 7) throw new Damaged('its encoding is not one that Coffer writes');
    const width = 1 << (info - 24);
    const bytes = this.take(width);
    const value = width === 8 ? bytes.readBigUInt64BE() : bytes.readUIntBE(0, width);
    const least = [24, 0x100, 0x10000, 0x100000000][info - 24];
    if (value < least) throw new Damaged('its encoding is not the shortest one');
    return [major, value <= Number.MAX_SAFE_INTEGER ? Number(value) : value];
  }

  item(depth = 0) {
    if (depth > MAX_NESTING) throw new Damaged('its encoding is nested too deeply');
    if (this.itemsLeft-- <= 0) throw new Damaged('its encoding has too many items');
    const [major, value] = this.head();
    if (major === 0) return value;
    if (major === 1) return typeof value === 'bigint' ? -1n - value : -1 - value;
    if (major === 7) return this.simple(value);
    if (major === 6) throw new Damaged('its encoding has a tag');
    if (value > this.available()) throw new Damaged('its encoding ends too early');
    if (major === 2) return Buffer.from(this.take(value));
    if (major === 3) return this.text(value);
    return major === 4 ? this.array(value, depth) : this.map(value, depth);
  }

  simple(value) {
    if (value === 20 || value === 21) return value === 21;
    if (value === 22) return null;
    throw new Damaged('its encoding has a value that Coffer does not write');
  }

  text(length) {
    const bytes = this.take(length);
    if (!buffer.isUtf8(bytes)) throw new Damaged('a text in it is not UTF-8');
    return bytes.toString('utf8');
  }

  array(length, depth) {
    const result = [];
    for (let i = 0; i < length; i++) result.push(this.item(depth + 1));
    return result;
  }

  // Keys are texts; sorted by their encoding means: shorter ones first, then by their bytes.
  map(length, depth) {
    const result = new Map();
    let last = null;
    for (let i = 0; i < length; i++) {
      const key = this.item(depth + 1);
      if (typeof key !== 'string') throw new Damaged('a map in it has a key that is not text');
      const bytes = Buffer.from(key);
      const order = last && (last.length - bytes.length || Buffer.compare(last, bytes));
      if (last && order >= 0) throw new Damaged('the keys of a map in it are not in order');
      last = bytes;
      result.set(key, this.item(depth + 1));
    }
    return result;
  }

  end() {
    if (this.available() > 0) throw new Damaged('there is something after its end');
  }
}

function decode(bytes) {
  const reader = new Cbor(bytes);
  const value = reader.item();
  reader.end();
  return value;
}

// Shapes of decoded values.
const isUint = (x) => Number.isSafeInteger(x) && x >= 0;
const isBytes = (x, length) => Buffer.isBuffer(x) && (length === undefined || x.length === length);
const isText = (x) => typeof x === 'string';
const isTime = (x) => Array.isArray(x) && x.length === 2 && Number.isSafeInteger(x[0]) && isUint(x[1]) && x[1] < 1e9;
const isHash = (x) => isBytes(x, 32);
const isMap = (x) => x instanceof Map;
const orNull = (test) => (x) => x === null || test(x);

// Checks a map against { key: test } and gives it back as a plain object; unknown keys are ignored.
function fields(map, tests) {
  if (!isMap(map)) throw new Damaged('it is not a map');
  const result = {};
  for (const [key, test] of Object.entries(tests)) {
    if (!map.has(key) || !test(map.get(key))) throw new Damaged(`its field "${key}" is missing or wrong`);
    result[key] = map.get(key);
  }
  return result;
}

// ------------------------------------------------------------------------------------------- BLAKE3, keyed (§6)

const BIG_ENDIAN = os.endianness() === 'BE';
const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;
const KEYED_HASH = 16;

// The compression function: chaining value cv (8 words), message m[mAt …] (16 words); 8 words go to out[outAt …].
// a … h, i … l, n … q are the 16 words of its state. All words stay in local variables, for speed.
// biome-ignore format: one line per half of a quarter round reads better
function compress(cv, at, m, mAt, counter, length, flags, out, outAt) {
  let m0 = m[mAt], m1 = m[mAt + 1], m2 = m[mAt + 2], m3 = m[mAt + 3], m4 = m[mAt + 4], m5 = m[mAt + 5];
  let m6 = m[mAt + 6], m7 = m[mAt + 7], m8 = m[mAt + 8], m9 = m[mAt + 9], m10 = m[mAt + 10], m11 = m[mAt + 11];
  let m12 = m[mAt + 12], m13 = m[mAt + 13], m14 = m[mAt + 14], m15 = m[mAt + 15];
  let a = cv[at], b = cv[at + 1], c = cv[at + 2], d = cv[at + 3];
  let e = cv[at + 4], f = cv[at + 5], g = cv[at + 6], h = cv[at + 7];
  let i = 0x6a09e667, j = 0xbb67ae85 | 0, k = 0x3c6ef372, l = 0xa54ff53a | 0;
  let n = counter | 0, o = 0, p = length | 0, q = flags | 0; // o: the counter's upper half, unused below 4 TiB
  for (let round = 1; ; round++) {
    a = (a + e + m0) | 0; n ^= a; n = (n >>> 16) | (n << 16); i = (i + n) | 0; e ^= i; e = (e >>> 12) | (e << 20);
    a = (a + e + m1) | 0; n ^= a; n = (n >>> 8) | (n << 24); i = (i + n) | 0; e ^= i; e = (e >>> 7) | (e << 25);
    b = (b + f + m2) | 0; o ^= b; o = (o >>> 16) | (o << 16); j = (j + o) | 0; f ^= j; f = (f >>> 12) | (f << 20);
    b = (b + f + m3) | 0; o ^= b; o = (o >>> 8) | (o << 24); j = (j + o) | 0; f ^= j; f = (f >>> 7) | (f << 25);
    c = (c + g + m4) | 0; p ^= c; p = (p >>> 16) | (p << 16); k = (k + p) | 0; g ^= k; g = (g >>> 12) | (g << 20);
    c = (c + g + m5) | 0; p ^= c; p = (p >>> 8) | (p << 24); k = (k + p) | 0; g ^= k; g = (g >>> 7) | (g << 25);
    d = (d + h + m6) | 0; q ^= d; q = (q >>> 16) | (q << 16); l = (l + q) | 0; h ^= l; h = (h >>> 12) | (h << 20);
    d = (d + h + m7) | 0; q ^= d; q = (q >>> 8) | (q << 24); l = (l + q) | 0; h ^= l; h = (h >>> 7) | (h << 25);

    a = (a + f + m8) | 0; q ^= a; q = (q >>> 16) | (q << 16); k = (k + q) | 0; f ^= k; f = (f >>> 12) | (f << 20);
    a = (a + f + m9) | 0; q ^= a; q = (q >>> 8) | (q << 24); k = (k + q) | 0; f ^= k; f = (f >>> 7) | (f << 25);
    b = (b + g + m10) | 0; n ^= b; n = (n >>> 16) | (n << 16); l = (l + n) | 0; g ^= l; g = (g >>> 12) | (g << 20);
    b = (b + g + m11) | 0; n ^= b; n = (n >>> 8) | (n << 24); l = (l + n) | 0; g ^= l; g = (g >>> 7) | (g << 25);
    c = (c + h + m12) | 0; o ^= c; o = (o >>> 16) | (o << 16); i = (i + o) | 0; h ^= i; h = (h >>> 12) | (h << 20);
    c = (c + h + m13) | 0; o ^= c; o = (o >>> 8) | (o << 24); i = (i + o) | 0; h ^= i; h = (h >>> 7) | (h << 25);
    d = (d + e + m14) | 0; p ^= d; p = (p >>> 16) | (p << 16); j = (j + p) | 0; e ^= j; e = (e >>> 12) | (e << 20);
    d = (d + e + m15) | 0; p ^= d; p = (p >>> 8) | (p << 24); j = (j + p) | 0; e ^= j; e = (e >>> 7) | (e << 25);
    if (round === 7) break;
    // The message words change places between rounds: two rings of eight.
    let t = m0; m0 = m2; m2 = m3; m3 = m10; m10 = m12; m12 = m9; m9 = m11; m11 = m5; m5 = t;
    t = m1; m1 = m6; m6 = m4; m4 = m7; m7 = m13; m13 = m14; m14 = m15; m15 = m8; m8 = t;
  }
  out[outAt] = a ^ i; out[outAt + 1] = b ^ j; out[outAt + 2] = c ^ k; out[outAt + 3] = d ^ l;
  out[outAt + 4] = e ^ n; out[outAt + 5] = f ^ o; out[outAt + 6] = g ^ p; out[outAt + 7] = h ^ q;
}

class Blake3 {
  constructor(key) {
    this.key = new Int32Array(8);
    Buffer.from(this.key.buffer).set(key);
    if (BIG_ENDIAN) Buffer.from(this.key.buffer).swap32();
    this.words = new Int32Array(256); // one BLAKE3 chunk of 1,024 bytes
    this.bytes = Buffer.from(this.words.buffer);
    this.stack = new Int32Array(8 * 64); // chaining values of finished subtrees
  }

  hash(data) {
    const chunks = Math.max(1, Math.ceil(data.length / 1024));
    let depth = 0;
    for (let n = 0; n < chunks; n++) {
      this.leaf(data, n, chunks === 1 ? ROOT : 0, depth++);
      if (n === chunks - 1) break;
      for (let total = n + 1; total % 2 === 0; total /= 2) this.join(--depth, 0);
    }
    while (depth > 1) this.join(--depth, depth === 1 ? ROOT : 0);
    const result = Buffer.from(Buffer.from(this.stack.buffer, 0, 32));
    return BIG_ENDIAN ? result.swap32() : result;
  }

  leaf(data, n, flag, depth) {
    const length = data.copy(this.bytes, 0, n * 1024, Math.min(data.length, (n + 1) * 1024));
    const last = Math.max(0, Math.ceil(length / 64) - 1);
    this.bytes.fill(0, length, (last + 1) * 64);
    if (BIG_ENDIAN) this.bytes.swap32();
    for (let block = 0; block <= last; block++) {
      let flags = KEYED_HASH | (block === 0 ? CHUNK_START : 0);
      if (block === last) flags |= CHUNK_END | flag;
      const size = block === last ? length - 64 * last : 64;
      const cv = block === 0 ? this.key : this.stack;
      compress(cv, block === 0 ? 0 : depth * 8, this.words, block * 16, n, size, flags, this.stack, depth * 8);
    }
  }

  // The two topmost chaining values become that of their parent; depth is what the stack has afterwards.
  join(depth, flag) {
    const at = (depth - 1) * 8;
    compress(this.key, 0, this.stack, at, 0, 64, KEYED_HASH | PARENT | flag, this.stack, at);
  }
}

// ------------------------------------------------------------------------------------------- cryptography (§1, §3)

const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest();

function hkdf(material, salt, info, length) {
  return Buffer.from(crypto.hkdfSync('sha256', material, salt, info, length));
}

// Opens ciphertext ‖ tag; null when the tag does not fit.
function openGcm(key, nonce, aad, sealed) {
  if (sealed.length < 16) return null;
  const cipher = crypto.createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  cipher.setAAD(aad);
  cipher.setAuthTag(sealed.subarray(sealed.length - 16));
  try {
    const plain = cipher.update(sealed.subarray(0, sealed.length - 16));
    cipher.final();
    return plain;
  } catch {
    return null;
  }
}

// §4, §7: never more than rawLength bytes, and exactly those.
function unzstd(bytes, rawLength) {
  let raw;
  try {
    raw = zlib.zstdDecompressSync(bytes, {
      maxOutputLength: Math.max(1, rawLength),
      chunkSize: Math.max(64, Math.min(rawLength, MAX_PIECE)),
    });
  } catch {
    throw new Damaged('its compressed content does not unpack to the length it names');
  }
  if (raw.length !== rawLength) throw new Damaged('its compressed content has another length than it names');
  return raw;
}

// What is known of the vault once it is open: its id, the purpose keys (§3), and how chunk ids are made (§6).
class Vault {
  constructor(id, rootKey) {
    this.id = id;
    this.v = id.toString('hex');
    this.rootKey = rootKey;
    this.chunkIds = 0; // 1 BLAKE3, 2 HMAC-SHA-256, 0 not known (the config is damaged): found out with the first chunk
    this.chunkKey = this.key('chunk-id');
    this.blake3 = new Blake3(this.chunkKey);
  }

  key(purpose) {
    return hkdf(this.rootKey, '', `coffer/v1/${purpose}/${this.v}`, 32);
  }

  isChunk(id, data) {
    if (this.chunkIds !== 2 && this.blake3.hash(data).equals(id)) this.chunkIds = 1;
    else if (this.chunkIds !== 1 && this.hmac(data).equals(id)) this.chunkIds = 2;
    else return false;
    return true;
  }

  hmac(data) {
    return crypto.createHmac('sha256', this.chunkKey).update(data).digest();
  }
}

const SEALED = {
  1: { name: 'config', purpose: 'config', limit: MAX_SEALED },
  2: { name: 'index', purpose: 'meta', limit: MAX_SEALED },
  3: { name: 'snapshot', purpose: 'meta', limit: MAX_SEALED },
  4: { name: 'log', purpose: 'head', limit: MAX_LOG },
};

// Opens a sealed object (§4) and gives back its payload.
function unseal(vault, kind, bytes, aadPath) {
  const { name, purpose, limit } = SEALED[kind];
  if (bytes.length < 64 + 16 + 5) throw new Damaged('it is too short');
  if (bytes.toString('latin1', 0, 4) !== 'CFRS') throw new Damaged('its beginning is damaged');
  if (bytes[4] !== 1) throw new Damaged('its beginning is damaged, or a newer Coffer wrote it');
  if (bytes[5] !== kind || bytes.readUInt16LE(6) !== 0) throw new Damaged('its beginning is damaged');
  const derived = hkdf(vault.key(purpose), bytes.subarray(8, 32), `coffer/v1/sealed/${name}/${vault.v}`, 76);
  if (!crypto.timingSafeEqual(derived.subarray(44), bytes.subarray(32, 64))) {
    throw new Damaged('it is damaged, or belongs to another vault');
  }
  const aad = Buffer.concat([bytes.subarray(0, 64), Buffer.from(aadPath)]);
  const plain = openGcm(derived.subarray(0, 32), derived.subarray(32, 44), aad, bytes.subarray(64));
  if (!plain) throw new Damaged('it is damaged, or was moved here from another place');
  const rawLength = plain.length < 5 ? Infinity : plain.readUInt32LE(1);
  if (rawLength > limit || plain[0] > 1) throw new Damaged('its content breaks the format');
  if (plain[0] === 1 && rawLength > 0) return unzstd(plain.subarray(5), rawLength);
  if (plain[0] !== 0 || plain.length !== 5 + rawLength) throw new Damaged('its content is not as long as it says');
  return plain.subarray(5);
}

// ----------------------------------------------------------------------------------------------- the store (§2)

// A folder with the vault's objects. Only ever read.
class Store {
  constructor(root) {
    this.root = root;
  }

  // The names in a folder that match, sorted; null when there is no such folder.
  list(key, pattern) {
    try {
      return fs
        .readdirSync(path.join(this.root, key))
        .filter((name) => pattern.test(name))
        .sort();
    } catch (error) {
      if (error.code === 'ENOENT') return null;
      throw new Stop(
        EXIT.other,
        `The folder "${key}" of the store could not be listed (${error.code}). ` +
          'Nothing was changed. Please check that the drive is connected and readable, and try again.',
      );
    }
  }

  // For folders that the restore can go on without.
  listOrWarn(key, pattern) {
    try {
      return this.list(key, pattern) || [];
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
      warn(`The folder "${key}" of the store could not be listed. The restore goes on without it.`);
      return [];
    }
  }

  // An open file; the caller closes it. O_NONBLOCK: a pipe in its place must not make us wait.
  open(key) {
    let fd;
    try {
      fd = fs.openSync(path.join(this.root, key), fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK || 0));
      const stat = fs.fstatSync(fd);
      if (stat.isFile()) return { fd, size: stat.size };
    } catch (error) {
      throw new Damaged(error.code === 'ENOENT' ? 'it is not in the store' : `it could not be opened (${error.code})`);
    }
    fs.closeSync(fd);
    throw new Damaged('it is not a file');
  }

  read(key, limit) {
    const { fd, size } = this.open(key);
    try {
      if (size > limit) throw new Damaged('it is larger than the format allows');
      return readAt(fd, 0, size);
    } finally {
      fs.closeSync(fd);
    }
  }
}

function readAt(fd, offset, length) {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    let n;
    try {
      n = fs.readSync(fd, bytes, done, length - done, offset + done);
    } catch (error) {
      throw new Damaged(`it could not be read (${error.code})`);
    }
    if (n === 0) throw new Damaged('it ends too early');
    done += n;
  }
  return bytes;
}

// ---------------------------------------------------------------------------------------------- key slots (§3.1)

const SLOT_KINDS = { 1: 'passphrase', 2: 'phrase', 3: 'device' };

// The 24 words → 32 bytes (BIP-39: 256 bits and 8 bits of checksum).
function phraseToBytes(text) {
  const list = WORDS.trim().split(/\s+/);
  const words = text.normalize('NFKD').toLowerCase().trim().split(/\s+/);
  if (words.length !== 24) {
    throw new Stop(
      EXIT.secret,
      `A recovery phrase has 24 words; COFFER_PHRASE has ${words.length}. ` +
        'Nothing was restored. Please check it against your copy.',
    );
  }
  let bits = 0n;
  words.forEach((word, i) => {
    const n = list.indexOf(word);
    if (n < 0) {
      throw new Stop(
        EXIT.secret,
        `Word ${i + 1} of COFFER_PHRASE is not among those a recovery phrase can have. ` +
          'Nothing was restored. Please check its spelling.',
      );
    }
    bits = (bits << 11n) | BigInt(n);
  });
  const bytes = Buffer.from(bits.toString(16).padStart(66, '0'), 'hex');
  if (sha256(bytes.subarray(0, 32))[0] !== bytes[32]) {
    throw new Stop(
      EXIT.secret,
      'The words in COFFER_PHRASE do not fit together: at least one is wrong, or in ' +
        'another place. Nothing was restored. Please check them, and their order, against your copy.',
    );
  }
  return bytes.subarray(0, 32);
}

function secretsFromEnvironment() {
  const { COFFER_PHRASE: phrase, COFFER_PASSPHRASE: passphrase } = process.env;
  const secrets = [];
  if (phrase) secrets.push({ kind: 2, bytes: phraseToBytes(phrase) });
  if (passphrase) secrets.push({ kind: 1, bytes: Buffer.from(passphrase.normalize('NFC'), 'utf8') });
  if (secrets.length > 0) return secrets;
  throw new Stop(
    EXIT.usage,
    'The vault is locked. Please put your passphrase into the environment variable ' +
      'COFFER_PASSPHRASE, or the 24 words of the recovery phrase into COFFER_PHRASE, and run this again.',
  );
}

function parseSlot(bytes) {
  if (bytes.length < 158 || bytes.toString('latin1', 0, 4) !== 'CFRK') throw new Damaged('it is not a key slot');
  if (bytes[4] !== 1) throw new Damaged('a newer Coffer wrote it');
  const labelLength = bytes.readUInt16LE(76);
  const kind = bytes[5];
  if (!SLOT_KINDS[kind] || bytes.readUInt16LE(6) !== 0) throw new Damaged('it is not a key slot of this version');
  if (labelLength > 200 || bytes.length !== 158 + labelLength) throw new Damaged('its length is wrong');
  const end = 110 + labelLength;
  return {
    kind,
    vaultId: bytes.subarray(8, 24),
    salt: bytes.subarray(24, 56),
    memory: bytes.readUInt32LE(56),
    passes: bytes.readUInt32LE(60),
    lanes: bytes.readUInt32LE(64),
    commitment: bytes.subarray(end - 32, end),
    aad: bytes.subarray(0, end),
    sealed: bytes.subarray(end),
  };
}

function stretch(slot, passphrase) {
  const { memory, passes, lanes } = slot;
  if (memory < 65536 || memory > 262144 || passes < 3 || passes > 16 || lanes !== 1) {
    throw new Damaged('its passphrase settings are outside the limits');
  }
  return crypto.argon2Sync('argon2id', {
    message: passphrase,
    nonce: slot.salt,
    memory,
    passes,
    parallelism: lanes,
    tagLength: 32,
  });
}

// The vault, or null when the secret does not belong to this slot.
function trySlot(slot, secret) {
  const material = slot.kind === 1 ? stretch(slot, secret.bytes) : secret.bytes;
  const info = `coffer/v1/slot/${SLOT_KINDS[slot.kind]}/${slot.vaultId.toString('hex')}`;
  const derived = hkdf(material, slot.salt, info, 76);
  if (!crypto.timingSafeEqual(derived.subarray(44), slot.commitment)) return null;
  const rootKey = openGcm(derived.subarray(0, 32), derived.subarray(32, 44), slot.aad, slot.sealed);
  if (rootKey === null) throw new Damaged('your secret fits it, but the key in it is damaged');
  return new Vault(Buffer.from(slot.vaultId), rootKey);
}

// All key slots that can be read, and how many cannot.
function readSlots(store) {
  const names = store.list('keys', /^[0-9a-f]{64}$/);
  if (names === null && !fs.existsSync(path.join(store.root, 'config'))) {
    throw new Stop(
      EXIT.usage,
      `There is no Coffer vault in ${store.root}: it has neither "config" nor "keys". ` +
        'Please give the folder that holds them with --store.',
    );
  }
  if (!names || names.length === 0) {
    throw new Stop(
      EXIT.damaged,
      'The vault has no key slots: the folder "keys" is missing or empty. Without one the ' +
        'vault cannot be opened. Please look for another copy of the vault, or of that folder.',
    );
  }
  const slots = [];
  let damaged = 0;
  for (const name of names) {
    try {
      const bytes = store.read(`keys/${name}`, MAX_SLOT);
      if (sha256(bytes).toString('hex') !== name) throw new Damaged('it is damaged');
      slots.push({ name, ...parseSlot(bytes) });
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      damaged++;
      warn(`Key slot ${short(name)} cannot be used: ${error.message}.`);
    }
  }
  return { slots, damaged };
}

function unlock(store, secrets) {
  const { slots, damaged } = readSlots(store);
  let broken = damaged;
  let tried = 0;
  for (const secret of secrets) {
    for (const slot of slots.filter((s) => s.kind === secret.kind)) {
      try {
        const vault = trySlot(slot, secret);
        if (vault) return vault;
        tried++;
      } catch (error) {
        if (!(error instanceof Damaged)) throw error;
        broken++;
        warn(`Key slot ${short(slot.name)} cannot be used: ${error.message}.`);
      }
    }
  }
  throw stillLocked(secrets.map((s) => (s.kind === 1 ? 'passphrase' : 'recovery phrase')).join(' and '), tried, broken);
}

function stillLocked(kinds, tried, broken) {
  if (tried > 0) {
    return new Stop(
      EXIT.secret,
      `The vault stays closed: the ${kinds} given did not open it. Nothing was restored. ` +
        (broken ? `${plural(broken, 'key slot is', 'key slots are')} damaged, so it may be right all the same. ` : '') +
        'Please check for typing errors, capitals and the keyboard layout, or use your other secret.',
    );
  }
  if (broken > 0) {
    return new Stop(
      EXIT.damaged,
      `No undamaged key slot for a ${kinds} is left, so the vault stays closed. ` +
        'Please try your other secret (passphrase or recovery phrase), or another copy of the folder "keys".',
    );
  }
  return new Stop(
    EXIT.secret,
    `This vault cannot be opened with a ${kinds}: it has no key slot for one. ` +
      'Please use your other secret (passphrase or recovery phrase).',
  );
}

// ---------------------------------------------------------------------------------------------------- config (§5)

// Restoring needs little of it, and goes on without it: the slots name the vault too.
function readConfig(store, vault) {
  try {
    const bytes = store.read('config', MAX_SEALED + MIB);
    const magic = bytes.toString('latin1', 0, 8);
    if (bytes.length < 32 || magic !== 'COFFER\r\n') throw new Damaged('its beginning is damaged');
    if (bytes.readUInt16LE(10) > 1) {
      throw new Stop(
        EXIT.other,
        'A newer Coffer made this vault, or its config is damaged: the config asks for ' +
          `format version ${bytes.readUInt16LE(10)}, and this program knows version 1. Please use a newer one.`,
      );
    }
    const header = bytes.subarray(0, 32);
    if (!header.subarray(12, 28).equals(vault.id)) throw new Damaged('it belongs to another vault');
    decode(unseal(vault, 1, bytes.subarray(32), Buffer.concat([Buffer.from('config'), header])));
    if (bytes[28] !== 1 && bytes[28] !== 2) throw new Damaged('it names an unknown kind of chunk ids');
    vault.chunkIds = bytes[28];
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    warn(`The vault's "config" cannot be used: ${error.message}. Your files can be restored without it.`);
  }
}

// ------------------------------------------------------------------------------------------------------ logs (§12)

const areHashes = (x) => isBytes(x) && x.length % 32 === 0;
const areHashesAndReason = (x) => Array.isArray(x) && x.length === 2 && areHashes(x[0]) && isText(x[1]);
const isSeq = (x) => isUint(x) && x >= 1 && x <= 9_999_999_999;
const isEntryName = (x) => Array.isArray(x) && x.length === 2 && isBytes(x[0], 16) && isSeq(x[1]);
const LOG_VALUES = new Map([
  ['snapshot', (x) => x === null],
  ['forget', areHashesAndReason],
  ['pin', areHashesAndReason],
  ['sweep-mark', areHashesAndReason],
  ['sweep-delete', areHashes],
  ['revoke', (x) => Array.isArray(x) && x.every(isEntryName)],
  ['slot-change', isText],
  ['device-name', isText],
]);

// Only a snapshot's entry has an object and refs. A reader skips an unknown kind.
function fitsItsKind({ kind, object, refs, value }) {
  const test = LOG_VALUES.get(kind);
  const named = kind === 'snapshot' ? isHash : (x) => x === null;
  return !test || (test(value) && named(object) && named(refs));
}

const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

function readLogEntry(store, vault, device, seq) {
  const key = `heads/${device}/${seq}`;
  const bytes = store.read(key, MAX_LOG + MIB);
  const outer = fields(decode(unseal(vault, 4, bytes, key)), {
    entry: isBytes,
    key: (x) => isBytes(x, 32),
    signature: (x) => isBytes(x, 64),
  });
  const spki = Buffer.concat([ED25519_SPKI, outer.key]);
  const publicKey = crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const signed = Buffer.concat([Buffer.from('coffer/v1/log\0'), outer.entry]);
  if (!crypto.verify(null, signed, publicKey, outer.signature)) throw new Damaged('its signature is wrong');
  const entry = fields(decode(outer.entry), {
    device: (x) => isBytes(x, 16),
    kind: isText,
    object: orNull(isHash),
    previous: orNull(isHash),
    refs: orNull(isHash),
    requires: (x) => Array.isArray(x) && x.every(isText),
    seq: isUint,
    time: isTime,
    value: () => true,
    vault: (x) => isBytes(x, 16),
  });
  if (!fitsItsKind(entry)) throw new Damaged('what it names does not fit its kind');
  if (sha256(outer.key).toString('hex', 0, 16) !== device) throw new Damaged('another device signed it');
  if (entry.device.toString('hex') !== device) throw new Damaged('it belongs to another device');
  if (entry.seq !== Number(seq)) throw new Damaged('it belongs to another place in the log');
  if (!entry.vault.equals(vault.id)) throw new Damaged('it belongs to another vault');
  return { ...entry, hash: sha256(bytes) };
}

// One device's log: all entries that can be read, those before the first failure with trusted = true.
function readLog(store, vault, device) {
  const entries = [];
  let trusted = true;
  let last = null;
  const distrust = (seq, why) => {
    if (trusted) {
      warn(
        `The log of device ${short(device)} does not hold together at entry ${Number(seq)}: ${why}. ` +
          'Snapshots named before it are sound; later ones are shown only with --untrusted.',
      );
    }
    trusted = false;
  };
  for (const [i, seq] of store.listOrWarn(`heads/${device}`, /^\d{10}$/).entries()) {
    try {
      if (trusted && Number(seq) !== i + 1) distrust(i + 1, 'it is missing');
      const entry = readLogEntry(store, vault, device, seq);
      const follows =
        i === 0 ? entry.previous === null : isHash(entry.previous) && isHash(last) && entry.previous.equals(last);
      if (trusted && !follows) distrust(seq, 'it does not follow the entry before it');
      entries.push({ ...entry, trusted });
      last = entry.hash;
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      distrust(seq, error.message);
    }
  }
  return entries;
}

// All snapshots that the logs name, newest first, less the forgotten ones; and the devices' names.
function readLogs(store, vault, untrusted) {
  const devices = store.list('heads', /^[0-9a-f]{32}$/) || [];
  if (devices.length === 0 && !untrusted) {
    throw new Stop(
      EXIT.damaged,
      'The folder "heads" of the vault is missing or empty. It says which snapshots ' +
        'exist. Please look for another copy of the vault, or try again with --untrusted.',
    );
  }
  const logs = devices.map((device) => readLog(store, vault, device)).reduce((all, log) => all.concat(log), []);
  const names = new Map();
  const revoked = new Set();
  const entryName = (device, seq) => `${device.toString('hex')}/${seq}`;
  for (const { kind, value, trusted, device } of logs) {
    if (!trusted) continue;
    if (kind === 'device-name' && isText(value)) names.set(device.toString('hex'), value);
    if (kind === 'revoke') for (const [of, seq] of value) revoked.add(entryName(of, seq));
  }
  const namedBy = (wanted) => {
    const named = new Set();
    for (const { kind, value, trusted, device, seq } of logs) {
      if (!trusted || kind !== wanted || revoked.has(entryName(device, seq))) continue;
      for (let at = 0; at < value[0].length; at += 32) named.add(value[0].toString('hex', at, at + 32));
    }
    return named;
  };
  const pinned = namedBy('pin');
  const forgotten = new Set([...namedBy('forget')].filter((hash) => !pinned.has(hash)));
  const all = logs
    .filter((e) => e.kind === 'snapshot' && e.object)
    .map((e) => ({
      hash: e.object.toString('hex'),
      device: e.device.toString('hex'),
      seq: e.seq,
      time: e.time,
      trusted: e.trusted,
    }));
  return { names, forgotten, known: all, shown: all.filter((s) => !forgotten.has(s.hash)) };
}

// -------------------------------------------------------------------------------------------------- snapshots (§10)

const seqText = (seq) => String(seq).padStart(10, '0');

function readSnapshot(store, vault, { hash, device, seq }) {
  const sealedPath = `snapshots/${device}/${seqText(seq)}`;
  const bytes = store.read(`${sealedPath}-${hash}`, MAX_SEALED + MIB);
  if (sha256(bytes).toString('hex') !== hash) throw new Damaged('it is damaged');
  const map = decode(unseal(vault, 3, bytes, sealedPath));
  if (isMap(map) && map.get('v') !== 1) throw new Damaged('a newer Coffer wrote it');
  const snapshot = fields(map, {
    bytes: isMap,
    counts: isMap,
    device: (x) => isBytes(x, 16),
    failures: Array.isArray,
    finished: isTime,
    host: isText,
    platform: isText,
    seq: isUint,
    sources: Array.isArray,
    tags: Array.isArray,
    user: isText,
  });
  if (snapshot.device.toString('hex') !== device || snapshot.seq !== seq) throw new Damaged('it is in the wrong place');
  const source = { entry: Array.isArray, path: (x) => isBytes(x) && x.length > 0 };
  snapshot.sources = snapshot.sources.map((s) => fields(s, source));
  return snapshot;
}

// Snapshot objects that no log entry names: an unfinished backup leaves such, and so does a lost log entry.
function findUnnamed(store, vault, logs) {
  const known = new Set(logs.known.map((s) => s.hash));
  const found = [];
  for (const device of store.listOrWarn('snapshots', /^[0-9a-f]{32}$/)) {
    for (const name of store.listOrWarn(`snapshots/${device}`, /^\d{10}-[0-9a-f]{64}$/)) {
      const candidate = { device, seq: Number(name.slice(0, 10)), hash: name.slice(11), trusted: false };
      if (known.has(candidate.hash) || logs.forgotten.has(candidate.hash)) continue;
      try {
        found.push({ ...candidate, time: readSnapshot(store, vault, candidate).finished });
      } catch (error) {
        if (!(error instanceof Damaged)) throw error;
      }
    }
  }
  return found;
}

// The snapshots on offer, newest first.
function offeredSnapshots(store, vault, logs, untrusted) {
  const doubtful = logs.shown.filter((s) => !s.trusted).concat(findUnnamed(store, vault, logs));
  if (doubtful.length > 0 && !untrusted) {
    warn(
      `${plural(doubtful.length, 'snapshot is', 'snapshots are')} there that no intact log entry names (an ` +
        'unfinished backup leaves such, and so does a damaged log). --untrusted shows them too.',
    );
  }
  const offered = logs.shown.filter((s) => s.trusted).concat(untrusted ? doubtful : []);
  return newestFirst(offered);
}

// By time; those of one device in the order of its log, whatever its clock was set to meanwhile.
function newestFirst(snapshots) {
  const newest = new Map();
  const dated = snapshots
    .sort((a, b) => a.seq - b.seq)
    .map((snapshot) => {
      const { device, time } = snapshot;
      const at = Math.max(newest.get(device) ?? -Infinity, time[0] * 1000 + time[1] / 1e6);
      newest.set(device, at);
      return { snapshot, at };
    });
  return dated.sort((a, b) => b.at - a.at || b.snapshot.seq - a.snapshot.seq).map(({ snapshot }) => snapshot);
}

function listSnapshots(store, vault, logs, offered) {
  for (const snapshot of offered) {
    const name = logs.names.get(snapshot.device);
    const mark = snapshot.trusted ? '' : '  (untrusted: no intact log entry names it)';
    say(`${short(snapshot.hash)}  ${showTime(snapshot.time)}${name ? `  ${show(name)}` : ''}${mark}`);
    try {
      const { host, user, counts, bytes, sources, tags } = readSnapshot(store, vault, snapshot);
      const total = Number(bytes.get('total')) || 0;
      say(
        `    ${show(user)} on ${show(host)}: ${plural(Number(counts.get('files')) || 0, 'file', 'files')}, ` +
          showSize(total) +
          (tags.length ? `, tags: ${tags.map(show).join(', ')}` : ''),
      );
      for (const source of sources) say(`    ${show(source.path)}`);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      say(`    It cannot be restored: ${error.message}.`);
    }
  }
  say(`${plural(offered.length, 'snapshot', 'snapshots')}.`);
}

function chooseSnapshot(offered, logs, wanted) {
  if (offered.length === 0) {
    throw new Stop(EXIT.damaged, 'The vault holds no snapshot that can be restored, so there is nothing to restore.');
  }
  if (!wanted || wanted === 'latest') return offered[0];
  const found = offered.filter((s) => s.hash.startsWith(wanted));
  const distinct = new Set(found.map((s) => s.hash));
  if (distinct.size === 1) return found[0];
  if (distinct.size > 1) {
    throw new Stop(EXIT.usage, `${distinct.size} snapshots begin with ${wanted}. Please give more of the hash.`);
  }
  const gone = Array.from(logs.forgotten).some((hash) => hash.startsWith(wanted));
  throw new Stop(
    EXIT.usage,
    `${
      gone
        ? `The snapshot ${wanted} was removed from the vault.`
        : `There is no snapshot whose hash begins with ${wanted}.`
    } --list shows those that can be restored.`,
  );
}

// ------------------------------------------------------------------------------------------------------ packs (§7)

const PACK_TYPES = { 1: 'data', 2: 'tree' };
const ZSTD = 1;
const BUNDLE = 2;
const DIRECTORY = 0xfffffffe;
const TRAILER = 0xffffffff;
const CACHED_BYTES = 64 * MIB;
const OPEN_PACKS = 32;

function packNonce(base, number) {
  const nonce = Buffer.from(base);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8);
  return nonce;
}

function packAad(type, number, what) {
  const aad = Buffer.alloc(5);
  aad[0] = type;
  aad.writeUInt32LE(number, 1);
  return Buffer.concat([aad, Buffer.from(what)]);
}

// The length that Padmé gives a pack whose parts have this length. Never above 2²⁵, so bits are enough.
function padded(length) {
  const exponent = Math.floor(Math.log2(length));
  const mask = 2 ** (exponent - Math.floor(Math.log2(exponent)) - 1) - 1;
  return (length + mask) & ~mask;
}

// Directory bytes → pieces, every rule of §7 checked. `end`: the end of the last piece, where it is known.
function parseDirectory(bytes, end) {
  const broken = (what) => new Damaged(`its directory breaks the format (${what})`);
  let at = 0;
  const u32 = () => {
    if (at + 4 > bytes.length) throw broken('too short');
    at += 4;
    return bytes.readUInt32LE(at - 4);
  };
  const pieces = [];
  const count = u32();
  if (count * 52 > bytes.length) throw broken('too many pieces');
  let offset = 64;
  for (let number = 0; number < count; number++) {
    const piece = { number, offset, stored: u32(), raw: u32(), flags: u32(), chunks: [] };
    const chunks = u32();
    if (piece.flags > 3 || chunks < 1 || (chunks > 1 && !(piece.flags & BUNDLE))) throw broken('kind of a piece');
    let raw = 0;
    for (let i = 0; i < chunks; i++) {
      if (at + 36 > bytes.length) throw broken('too short');
      const id = bytes.subarray(at, at + 32);
      at += 32;
      const length = u32();
      if (length === 0) throw broken('an empty chunk');
      piece.chunks.push({ id, offset: raw, length });
      raw += length;
    }
    if (raw !== piece.raw || raw > MAX_PIECE) throw broken('lengths of chunks');
    const fits = piece.flags & ZSTD ? piece.stored > 16 && piece.stored < raw + 16 : piece.stored === raw + 16;
    if (!fits) throw broken('length of a piece');
    offset += piece.stored;
    pieces.push(piece);
  }
  if (at !== bytes.length) throw broken('too long');
  if (end === undefined ? offset > MAX_PACK : offset !== end) throw broken('lengths of pieces');
  return pieces;
}

// Where every chunk is: a compact hash table, since a large vault has millions of chunks. A chunk may stand in it
// several times, once for each pack that holds it. Ids are keyed hashes: their first bytes are as good as random.
class ChunkTable {
  constructor() {
    this.count = 0;
    this.resize(1024);
  }

  resize(capacity) {
    const { ids, rows } = this;
    this.capacity = capacity;
    this.ids = Buffer.alloc(capacity * 32);
    this.rows = new Uint32Array(capacity * 3); // piece, offset in it, length
    this.slots = new Uint32Array(capacity * 2); // number of an entry + 1; 0: free
    if (ids) this.ids.set(ids);
    if (rows) this.rows.set(rows);
    for (let n = 0; n < this.count; n++) this.place(n);
  }

  place(n) {
    let slot = this.ids.readUInt32LE(n * 32) % this.slots.length;
    while (this.slots[slot] !== 0) slot = (slot + 1) % this.slots.length;
    this.slots[slot] = n + 1;
  }

  add(id, piece, offset, length) {
    if (this.count === this.capacity) this.resize(this.capacity * 2);
    id.copy(this.ids, this.count * 32);
    this.rows.set([piece, offset, length], this.count * 3);
    this.place(this.count++);
  }

  // All places where a chunk stands.
  find(id) {
    const found = [];
    let slot = id.readUInt32LE(0) % this.slots.length;
    for (; this.slots[slot] !== 0; slot = (slot + 1) % this.slots.length) {
      const n = this.slots[slot] - 1;
      if (id.compare(this.ids, n * 32, n * 32 + 32) !== 0) continue;
      found.push({ piece: this.rows[n * 3], offset: this.rows[n * 3 + 1], length: this.rows[n * 3 + 2] });
    }
    return found;
  }
}

class Packs {
  constructor(store, vault) {
    this.store = store;
    this.vault = vault;
    this.key = vault.key('pack');
    this.packs = []; // { name, type, key, base }
    this.pieces = new Uint32Array(6 * 1024); // per piece: pack, number, offset, stored, raw, flags
    this.pieceCount = 0;
    this.chunks = new ChunkTable();
    this.files = new Map(); // open packs
    this.cache = new Map(); // opened bundles
    this.cachedBytes = 0;
    this.told = new Set(); // pieces whose damage was told
    this.lastId = Buffer.alloc(0);
    this.lastData = null;
  }

  // Reads the directories of all packs.
  scan() {
    const broken = new Map();
    for (const folder of this.store.listOrWarn('packs', /^[0-9a-f]{2}$/)) {
      for (const name of this.store.listOrWarn(`packs/${folder}`, /^[0-9a-f]{64}$/)) {
        if (!name.startsWith(folder)) continue;
        try {
          this.addPack(name);
        } catch (error) {
          if (!(error instanceof Damaged)) throw error;
          broken.set(name, error.message);
        }
      }
    }
    if (broken.size > 0) this.mend(broken);
    for (const [name, why] of broken) {
      warn(`Pack ${short(name)} cannot be used: ${why}. What is lost by it, if anything, is named below.`);
    }
  }

  packPath(name) {
    return `packs/${name.slice(0, 2)}/${name}`;
  }

  openPack(name) {
    const open = this.store.open(this.packPath(name));
    try {
      if (open.size > MAX_PACK) throw new Damaged('it is larger than the format allows');
      const header = readAt(open.fd, 0, 64);
      const type = header[5];
      const magic = header.toString('latin1', 0, 4);
      if (magic !== 'CFRP' || header[4] !== 1 || !PACK_TYPES[type] || header.readUInt16LE(6) !== 0) {
        throw new Damaged('its beginning is damaged');
      }
      const info = `coffer/v1/pack/${PACK_TYPES[type]}/${this.vault.v}`;
      const derived = hkdf(this.key, header.subarray(8, 32), info, 76);
      if (!crypto.timingSafeEqual(derived.subarray(44), header.subarray(32))) {
        throw new Damaged('its beginning is damaged, or it belongs to another vault');
      }
      return { ...open, pack: { name, type, key: derived.subarray(0, 32), base: derived.subarray(32, 44) } };
    } catch (error) {
      fs.closeSync(open.fd);
      throw error;
    }
  }

  addPack(name) {
    const { fd, size, pack } = this.openPack(name);
    try {
      if (size < 64 + 32) throw new Damaged('it ends too early');
      const trailer = this.openPart(pack, TRAILER, 'trailer', readAt(fd, size - 32, 32));
      const [offset, length, end, zero] = [0, 4, 8, 12].map((at) => trailer.readUInt32LE(at));
      const fits = offset + length + 32 === size && end >= 64 && end <= offset && zero === 0;
      if (!fits || size !== padded(end + length + 32)) {
        throw new Damaged('its trailer breaks the format');
      }
      const directory = this.openPart(pack, DIRECTORY, 'directory', readAt(fd, offset, length));
      this.register(pack, parseDirectory(directory, end));
    } finally {
      fs.closeSync(fd);
    }
  }

  openPart(pack, number, what, sealed) {
    const plain = openGcm(pack.key, packNonce(pack.base, number), packAad(pack.type, number, what), sealed);
    if (!plain) throw new Damaged(`its ${what} is damaged or cut off`);
    return plain;
  }

  register(pack, pieces) {
    const packNumber = this.packs.push(pack) - 1;
    for (const piece of pieces) {
      if (this.pieceCount * 6 === this.pieces.length) {
        const larger = new Uint32Array(this.pieces.length * 2);
        larger.set(this.pieces);
        this.pieces = larger;
      }
      const { number, offset, stored, raw, flags } = piece;
      this.pieces.set([packNumber, number, offset, stored, raw, flags], this.pieceCount * 6);
      for (const chunk of piece.chunks) this.chunks.add(chunk.id, this.pieceCount, chunk.offset, chunk.length);
      this.pieceCount++;
    }
  }

  // §8: an index holds copies of packs' directories. They are read only for packs whose own is damaged.
  mend(broken) {
    for (const name of this.store.listOrWarn('index', /^[0-9a-f]{64}$/)) {
      if (broken.size === 0) return;
      try {
        const index = unseal(this.vault, 2, this.store.read(`index/${name}`, MAX_SEALED + MIB), 'index');
        this.mendFrom(index, broken);
      } catch (error) {
        if (!(error instanceof Damaged)) throw error;
      }
    }
  }

  mendFrom(index, broken) {
    let at = 0;
    const take = (n) => {
      if (at + n > index.length) throw new Damaged('it ends too early');
      at += n;
      return index.subarray(at - n, at);
    };
    take(take(4).readUInt32LE() * 32);
    for (let left = take(4).readUInt32LE(); left > 0; left--) {
      const name = take(32).toString('hex');
      const type = take(1)[0];
      take(4);
      const directory = take(take(4).readUInt32LE());
      if (broken.has(name) && this.mendPack(name, type, directory)) {
        warn(`Pack ${short(name)} is damaged: ${broken.get(name)}. What is left of it can be used.`);
        broken.delete(name);
      }
    }
  }

  mendPack(name, type, directory) {
    try {
      const { fd, pack } = this.openPack(name);
      fs.closeSync(fd);
      if (pack.type !== type) return false;
      this.register(pack, parseDirectory(directory));
      return true;
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      return false;
    }
  }

  // The length of a chunk, or 0 when no readable pack holds it.
  lengthOf(id) {
    const found = this.chunks.find(id);
    return found.length === 0 ? 0 : found[0].length;
  }

  // A chunk's bytes, from whichever copy is sound.
  chunk(id) {
    if (this.lastId.equals(id)) return this.lastData;
    const problems = [];
    for (const place of this.chunks.find(id)) {
      try {
        const data = this.piece(place.piece, id).subarray(place.offset, place.offset + place.length);
        if (!this.vault.isChunk(id, data)) throw new Damaged('a chunk in it is not what its id says');
        this.lastId = Buffer.from(id);
        this.lastData = data;
        if (problems.length > 0) this.tellMended(place, problems);
        return data;
      } catch (error) {
        if (!(error instanceof Damaged)) throw error;
        problems.push({ piece: place.piece, why: `${this.nameOf(place.piece)} is damaged: ${error.message}` });
      }
    }
    if (problems.length === 0) throw new Damaged('a part of it is in no readable pack');
    throw new Damaged(problems.map((p) => p.why).join('; '));
  }

  nameOf(piece) {
    return `pack ${short(this.packs[this.pieces[piece * 6]].name)}`;
  }

  tellMended(place, problems) {
    for (const { piece, why } of problems) {
      const other = `another copy, in ${this.nameOf(place.piece)}, is sound`;
      if (!this.told.has(piece)) warn(`Note: ${why}. What was needed of it is not lost: ${other}.`);
      this.told.add(piece);
    }
  }

  // A piece's raw bytes; bundles are kept for a while, since the next file probably needs the same one.
  piece(index, id) {
    const cached = this.cache.get(index);
    if (cached) return cached;
    const [packNumber, number, offset, stored, raw, flags] = this.pieces.subarray(index * 6, index * 6 + 6);
    const pack = this.packs[packNumber];
    const sealed = readAt(this.file(pack), offset, stored);
    const aad = packAad(pack.type, number, flags & BUNDLE ? 'bundle' : id);
    const payload = openGcm(pack.key, packNonce(pack.base, number), aad, sealed);
    if (!payload) throw new Damaged('its content was changed');
    const data = flags & ZSTD ? unzstd(payload, raw) : payload;
    if (flags & BUNDLE) this.remember(index, data);
    return data;
  }

  remember(index, data) {
    this.cache.set(index, data);
    this.cachedBytes += data.length;
    for (const [old, bytes] of this.cache) {
      if (this.cachedBytes <= CACHED_BYTES) break;
      this.cache.delete(old);
      this.cachedBytes -= bytes.length;
    }
  }

  file(pack) {
    let fd = this.files.get(pack.name);
    if (fd === undefined) fd = this.store.open(this.packPath(pack.name)).fd;
    this.files.delete(pack.name);
    this.files.set(pack.name, fd); // now the youngest
    if (this.files.size > OPEN_PACKS) {
      const [[oldest, old]] = this.files;
      fs.closeSync(old);
      this.files.delete(oldest);
    }
    return fd;
  }
}

// ------------------------------------------------------------------------------------------------------ trees (§9)

const FILE = 0;
const FOLDER = 1;
const LINK = 2;
const FIFO = 3;
const SOCKET = 4;
const TYPE_NAMES = ['file', 'folder', 'symbolic link', 'named pipe', 'socket', 'character device', 'block device'];

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

function* splitIds(bytes) {
  for (let at = 0; at < bytes.length; at += 32) yield bytes.subarray(at, at + 32);
}

// A folder's listing, read entry by entry, chunk by chunk.
class TreeReader {
  constructor(packs, reference) {
    if (reference.length === 0) throw new Damaged('its listing is empty');
    const ids = Array.from(splitIds(reference));
    const lengths = ids.map((id) => packs.lengthOf(id));
    if (sum(lengths) > MAX_TREE) throw new Damaged('its listing is larger than the format allows');
    // The entries in a lost part (length 0) are told when it is reached; until then any length will do.
    const length = sum(lengths.map((n) => n || MAX_PIECE));
    let next = 0;
    this.cbor = new Cbor(Buffer.alloc(0), () => this.part(packs, ids, next++), length);
    const [major, count] = this.cbor.head();
    if (major !== 4 || count < 1 || count > this.cbor.available()) throw new Damaged('its listing is not a list');
    this.left = count - 1;
    this.header(this.cbor.item(1));
    this.lastName = null;
  }

  part(packs, ids, n) {
    if (n >= ids.length) throw new Damaged('its listing ends too early');
    return packs.chunk(ids[n]);
  }

  header(header) {
    const version = Array.isArray(header) && header[0];
    if (isUint(version) && version > 1) throw new Damaged('a newer Coffer wrote its listing');
    if (version !== 1 || (header[1] !== 0 && header[1] !== 1)) throw new Damaged('its listing breaks the format');
    this.isWindows = header[1] === 1;
  }

  // The next entry, still raw; undefined at the end.
  next() {
    if (this.left === 0) {
      this.cbor.end();
      return undefined;
    }
    const raw = this.cbor.item(1);
    this.left--;
    return raw;
  }

  inOrder(name) {
    const fits = this.lastName === null || Buffer.compare(this.lastName, name) < 0;
    if (fits) this.lastName = name;
    return fits;
  }
}

const isId = (x) => isUint(x) && x < 2 ** 32;

function parseEntry(raw) {
  const wrong = (what) => new Damaged(`its entry in the vault breaks the format (${what})`);
  if (!Array.isArray(raw) || raw.length < 11 || raw.length > 12) throw wrong('its length');
  const [type, name, mode, uid, gid, seconds, nanoseconds, changed, changedNanoseconds, size, content, extras] = raw;
  if (!isUint(type) || type >= TYPE_NAMES.length) throw wrong('its type');
  if (!isBytes(name)) throw wrong('its name');
  if (!isUint(mode) || mode > 0o7777 || !isId(uid) || !isId(gid) || !isUint(size)) throw wrong('its numbers');
  if (!isTime([seconds, nanoseconds]) || !isTime([changed, changedNanoseconds])) throw wrong('its time');
  if (raw.length === 12 && !isMap(extras)) throw wrong('its extras');
  const contentFits =
    content === null ||
    (type === FILE || type === FOLDER
      ? isBytes(content) && content.length % 32 === 0
      : type === LINK
        ? isBytes(content)
        : type > SOCKET && Array.isArray(content) && content.every(isId));
  if (!contentFits) throw wrong('its content');
  const entry = { type, name, mode, uid, gid, seconds, nanoseconds, size, content };
  return { ...entry, ...parseExtras(extras || new Map(), size, wrong) };
}

function parseExtras(extras, size, wrong) {
  const { e = '', f = 0, h = null, s = [], x = [] } = Object.fromEntries(extras);
  if (!isText(e) || !isUint(f)) throw wrong('its state');
  const isInode = (n) => isUint(n) || (typeof n === 'bigint' && n > 0n);
  const isLink = h === null || (Array.isArray(h) && (h.length === 1 || h.length === 2) && h.every(isInode));
  if (!isLink) throw wrong('its link');
  const isAttribute = (a) => Array.isArray(a) && a.length === 2 && isBytes(a[0]) && a[0].length > 0 && isBytes(a[1]);
  if (!Array.isArray(x) || !x.every(isAttribute)) throw wrong('its attributes');
  const badHoles = !areHoles(s, size); // no reason to give up the file: it is written in full then
  return {
    state: e,
    below: f,
    link: h === null ? null : h.join('/'),
    holes: badHoles ? [] : s,
    badHoles,
    attributes: x,
  };
}

// Rising, not overlapping, none empty, none beyond the size.
function areHoles(list, size) {
  if (!Array.isArray(list) || list.length % 2 || !list.every(isUint)) return false;
  for (let i = 0, end = 0; i < list.length; i += 2) {
    if (list[i] < end || list[i + 1] === 0 || list[i] + list[i + 1] > size) return false;
    end = list[i] + list[i + 1];
  }
  return true;
}

// §9, §13: what may become one name in one folder here. Null when it may, else the reason.
function unsafeName(name, fromWindows = false) {
  const text = name.toString('latin1');
  const separators = fromWindows ? /[/\\\0]/ : /[/\0]/;
  if (['', '.', '..'].includes(text) || separators.test(text)) return 'its name could lead out of the target';
  if (process.platform !== 'win32') return null;
  if (/[<>:"|?*\\\x01-\x1f]/.test(text) || /[. ]$/.test(text) || /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(text)) {
    return 'Windows does not allow its name';
  }
  return null;
}

// --------------------------------------------------------------------------------------------------- restoring

const O_NOFOLLOW = fs.constants.O_NOFOLLOW || 0;
const ZEROS = Buffer.alloc(MAX_PIECE);
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

// The place of a command, by absolute folders of PATH only: the working folder will be one with restored files.
function findCommand(name) {
  if (process.platform === 'win32') return null;
  const folders = (process.env.PATH || '').split(':').filter((folder) => folder.startsWith('/'));
  return (
    folders
      .map((folder) => `${folder}/${name}`)
      .find((file) => {
        try {
          fs.accessSync(file, fs.constants.X_OK);
          return fs.statSync(file).isFile();
        } catch {
          return false;
        }
      }) || null
  );
}

// Confinement. The working folder is always the folder that is being filled, and every file operation names one
// single name in it, never a path: so no link below the target can lead anywhere, whoever made it. Entering and
// leaving compare device and inode, so that a folder exchanged meanwhile is noticed.
class Place {
  constructor(target) {
    this.target = target;
    process.chdir(target);
    this.home = this.identity('.');
    this.limit = MAX_DEPTH;
    this.trail = []; // of every folder entered: { name, parent: the identity of the folder above }
  }

  // What a name, or an open file, means: device and inode.
  identity(name) {
    const stat = typeof name === 'number' ? fs.fstatSync(name, { bigint: true }) : fs.lstatSync(name, { bigint: true });
    return `${stat.dev}:${stat.ino}`;
  }

  isFolder(name) {
    return fs.lstatSync(name).isDirectory();
  }

  enter(name) {
    if (this.trail.length >= this.limit) throw new Damaged('it lies too deep');
    if (!this.isFolder(name)) throw new Damaged('something that is not a folder has its name in the target');
    const inside = this.identity(name);
    const parent = this.identity('.');
    this.change(name);
    this.trail.push({ name, parent });
    this.mustBe(inside);
  }

  // chdir takes only text; a name that is not UTF-8 is entered through /proc, as Linux has it.
  change(name) {
    if (buffer.isUtf8(name)) return process.chdir(name.toString());
    if (process.platform !== 'linux') throw new Damaged('this system cannot hold its name');
    const fd = fs.openSync(name, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | O_NOFOLLOW);
    try {
      return process.chdir(`/proc/self/fd/${fd}`);
    } finally {
      fs.closeSync(fd);
    }
  }

  leave() {
    const { parent } = this.trail.pop();
    this.mustBe(parent, '..');
  }

  goHome() {
    this.trail = [];
    this.mustBe(this.home, this.target);
  }

  // After going to `there`, the working folder must be the one with this identity.
  mustBe(identity, there = null) {
    let found = null;
    try {
      if (there !== null) process.chdir(there);
      found = this.identity('.');
    } catch {
      // Told below.
    }
    if (found !== identity) this.disturbed();
  }

  disturbed() {
    throw new Stop(
      EXIT.other,
      'Folders below the target were moved or exchanged while files were being restored. ' +
        'To be safe the restore stops here. Please start again with a new target that no other program touches.',
    );
  }

  // Full paths, for hard links and for messages.
  pathOf(name) {
    const parts = this.trail.map((step) => step.name).concat(name ? [name] : []);
    return Buffer.from(`/${parts.map((part) => part.toString('latin1')).join('/')}`, 'latin1');
  }
}

// §10: TARGET ‖ the source's absolute path; C:\Users\ada becomes C/Users/ada, \\server\share becomes server/share.
function layout(source, platform) {
  const separator = platform === 'win32' ? /[\\/]+/ : /\/+/;
  const parts = source
    .toString('latin1')
    .split(separator)
    .filter((part) => part !== '');
  if (platform === 'win32' && parts.length > 0) parts[0] = parts[0].replace(/^([A-Za-z]):$/, '$1');
  const isRoot = parts.length === 0 || (platform === 'win32' && parts.length === 1 && source.length <= 3);
  return { parts: parts.map((part) => Buffer.from(part, 'latin1')), isRoot };
}

class Restore {
  constructor(packs, target, options) {
    this.packs = packs;
    this.place = new Place(target);
    this.isRoot = Boolean(process.getuid) && process.getuid() === 0;
    this.mkfifo = findCommand('mkfifo');
    this.withAttributes = options.xattrs;
    this.setfattr = options.xattrs ? findCommand('setfattr') : null;
    this.counts = { files: 0, folders: 0, links: 0, fifos: 0, sockets: 0, bytes: 0, missing: 0, attributes: 0 };
    this.written = 0;
    this.notes = new Map();
    this.progressAt = Date.now();
  }

  // ---- reporting

  // Prints what is missing, at once: the list may be long.
  miss(name, reason, count = 1) {
    this.missPath(this.place.pathOf(name), reason, count);
  }

  missPath(shownPath, reason, count = 1) {
    this.counts.missing += count;
    warn(`Missing: ${show(shownPath)} (${reason})`);
  }

  note(name, text) {
    const known = this.notes.get(text);
    if (known) known.count++;
    else this.notes.set(text, { count: 1, first: show(this.place.pathOf(name)) });
  }

  // Runs one step; a failure that concerns only this name is told, and the restore goes on.
  attempt(name, step) {
    const depth = this.place.trail.length;
    try {
      return step();
    } catch (error) {
      if (error instanceof Stop) throw error;
      // A failure between two folders: it would not be certain where the next file goes.
      if (this.place.trail.length !== depth) throw new Stop(EXIT.other, `The restore stopped: ${error.message}.`);
      this.failed(name, error);
      return null;
    }
  }

  failed(name, error) {
    if (FULL.has(error.code)) {
      throw new Stop(
        EXIT.other,
        `The target cannot take more files (${error.code}); the restore stopped at ` +
          `${show(this.place.pathOf(name))}. Please make room or choose another target, and start again.`,
      );
    }
    const exists = error.code === 'EEXIST';
    if (exists && this.overlaps) this.note(name, 'restored already as a part of another source');
    else if (exists) this.miss(name, 'something of this name is already in the target, and is left as it is');
    else if (error.syscall) this.miss(name, `the system refused it: ${error.code} in ${error.syscall}`);
    else this.miss(name, error.message);
  }

  progress() {
    if (!process.stderr.isTTY || Date.now() - this.progressAt < 500) return;
    this.progressAt = Date.now();
    clearProgress();
    process.stderr.write(`${plural(this.counts.files, 'file', 'files')}, ${showSize(this.written)} restored`);
    progressShown = true;
  }

  // ---- sources and folders

  // overlaps: the source lies inside another one that was restored before.
  source({ entry: raw, path: sourcePath }, platform, overlaps) {
    this.overlaps = overlaps;
    this.linked = new Map();
    this.place.goHome();
    try {
      const { parts, isRoot } = layout(sourcePath, platform);
      this.place.limit = MAX_DEPTH + parts.length;
      const bad = parts.map((part) => unsafeName(part)).find(Boolean);
      if (bad) throw new Damaged(bad);
      const name = isRoot ? Buffer.from('/') : parts[parts.length - 1];
      const entry = parseEntry(raw);
      if (!entry.name.equals(name)) throw new Damaged('its entry in the vault has another name');
      this.top(entry, parts);
    } catch (error) {
      if (error instanceof Stop) throw error;
      this.missPath(sourcePath, error.syscall ? `the system refused it: ${error.code}` : error.message);
    }
  }

  top(entry, parts) {
    if (parts.length === 0) return this.walk(this.openRoot(entry));
    for (const part of parts.slice(0, -1)) this.enterOrMake(part);
    const name = parts[parts.length - 1];
    return this.attempt(name, () => this.walk(this.entry({ ...entry, name }, true)));
  }

  // Folders above a source, and folders where one source lies inside another: they may be there already.
  enterOrMake(name) {
    try {
      fs.mkdirSync(name);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    this.place.enter(name);
  }

  // The source "/": the target itself.
  openRoot(entry) {
    if (entry.type !== FOLDER) throw new Damaged('its entry in the vault breaks the format (the root is no folder)');
    this.counts.folders++;
    return { entry, name: null, reader: this.openTree(entry) };
  }

  // Works through a folder and all folders in it, without recursion: depth is not limited by the program's stack.
  walk(root) {
    const open = root ? [root] : [];
    while (open.length > 0) {
      const folder = open[open.length - 1];
      const raw = this.nextOf(folder);
      if (raw === undefined) {
        open.pop();
        this.closeFolder(folder);
        continue;
      }
      const inner = this.rawEntry(folder, raw);
      if (inner) open.push(inner);
    }
  }

  // The next raw entry of a folder; a damaged listing ends it, and how much is lost is told.
  nextOf(folder) {
    const { reader } = folder;
    if (!reader) return undefined;
    try {
      return reader.next();
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      folder.reader = null;
      const { left } = reader;
      const lost =
        left > 0
          ? `is damaged, so ${plural(left, 'entry', 'entries')} of it and all below are lost`
          : 'has a wrong end';
      this.miss(null, `the folder's listing ${lost}: ${error.message}`, left || 1);
      return undefined;
    }
  }

  rawEntry(folder, raw) {
    const name = Array.isArray(raw) && isBytes(raw[1]) ? raw[1] : Buffer.from('(entry without a name)');
    return this.attempt(name, () => {
      const entry = parseEntry(raw);
      const bad = unsafeName(name, folder.reader.isWindows);
      if (bad) throw new Damaged(bad);
      if (!folder.reader.inOrder(name)) throw new Damaged('its entry stands in the wrong place in the listing');
      return this.entry(entry, false);
    });
  }

  // Restores one entry in the working folder. A folder is entered and returned, for its entries to be restored.
  entry(entry, mayExist) {
    this.progress();
    if (entry.type === FOLDER) return this.folder(entry, mayExist);
    if (entry.type === FILE) this.file(entry);
    else if (entry.type === LINK) this.symlink(entry);
    else if (entry.type === FIFO) this.fifo(entry);
    else if (entry.type === SOCKET) this.counts.sockets++;
    else this.device(entry);
    return null;
  }

  folder(entry, mayExist) {
    const { name } = entry;
    if (mayExist || this.overlaps) this.enterOrMake(name);
    else {
      fs.mkdirSync(name, 0o700);
      this.place.enter(name);
    }
    this.counts.folders++;
    return { entry, name, reader: this.openTree(entry) };
  }

  openTree(entry) {
    if (entry.content === null) {
      this.miss(null, `what is in the folder ${notSaved(entry)}`);
      return null;
    }
    try {
      return new TreeReader(this.packs, entry.content);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      const lost = entry.below
        ? `what is below it is lost, ${plural(entry.below, 'entry', 'entries')}`
        : 'what is below it is lost';
      this.miss(null, `the folder's listing cannot be read, so ${lost}: ${error.message}`, entry.below || 1);
      return null;
    }
  }

  // Mode and times come last: the entries made in the folder would change them. Its descriptor is taken inside, since
  // from outside its name could mean something else by now.
  closeFolder({ entry, name }) {
    const fd = process.platform === 'win32' ? null : this.openHere();
    try {
      if (name) this.place.leave();
      if (fd !== undefined) this.metadata(name, fd, entry, name || Buffer.from('.'));
    } finally {
      if (fd) fs.closeSync(fd);
    }
  }

  // A descriptor of the working folder; undefined when the system refuses it.
  openHere() {
    let fd;
    this.quietly(null, 'restored without owner, permissions and time', () => {
      fd = fs.openSync('.', fs.constants.O_RDONLY);
    });
    return fd;
  }

  // ---- files

  file(entry) {
    const { name, content } = entry;
    if (content === null) throw new Damaged(`it ${notSaved(entry)}`);
    if (entry.link !== null && this.hardLink(entry)) return;
    this.checkLengths(content, entry.size);
    const { O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
    const fd = fs.openSync(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    const own = this.place.identity(fd);
    let open = true;
    try {
      this.writeChunks(fd, entry);
      this.metadata(name, fd, entry, name);
      open = false;
      fs.closeSync(fd); // on some network drives this is where a failure to write shows
    } catch (error) {
      if (open) fs.closeSync(fd);
      this.removeOwn(name, own);
      throw error;
    }
    if (entry.link !== null) this.rememberLink(entry, own);
    this.counts.files++;
    this.counts.bytes += entry.size;
    if (entry.badHoles) this.note(name, 'written in full, since the list of holes in the vault breaks the format');
    if (entry.state === 'changed-while-read') {
      this.note(name, 'changed while the snapshot was made, so the parts may not fit together');
    }
    if (entry.state === 'earlier-version') {
      this.note(name, 'an earlier version: the newer one was still to be read when the snapshot was made');
    }
  }

  // §13: a file's chunk lengths must add up to its size.
  checkLengths(content, size) {
    let total = 0;
    let lost = 0;
    for (const id of splitIds(content)) {
      const length = this.packs.lengthOf(id);
      total += length;
      if (length === 0) lost++;
    }
    const parts = content.length / 32;
    if (lost === parts && lost > 0) throw new Damaged('its content is in no readable pack');
    if (lost > 0) throw new Damaged(`${lost} of its ${parts} parts ${lost === 1 ? 'is' : 'are'} in no readable pack`);
    if (total !== size) throw new Damaged('its parts do not add up to its size');
  }

  writeChunks(fd, { content, size, holes }) {
    let at = 0;
    let hole = 0;
    for (const id of splitIds(content)) {
      const data = this.packs.chunk(id);
      if (at + data.length > size) throw new Damaged('its parts do not add up to its size');
      while (hole < holes.length && holes[hole] + holes[hole + 1] <= at) hole += 2;
      writeSparse(fd, data, at, holes, hole);
      at += data.length;
      this.written += data.length;
      this.progress();
    }
    if (at !== size) throw new Damaged('its parts do not add up to its size');
    if (holes.length > 0) fs.ftruncateSync(fd, size);
  }

  // A file that could not be finished goes, provided that the name still means it.
  removeOwn(name, own) {
    try {
      if (this.place.identity(name) === own) fs.unlinkSync(name);
    } catch (error) {
      this.note(name, `an unfinished file could not be removed (${error.code})`);
    }
  }

  rememberLink({ name, link, size, content }, identity) {
    this.linked.set(link, { path: this.place.pathOf(name), identity, size, hash: sha256(content) });
  }

  // A further name of a file that is restored already. False: restore it as a file of its own.
  hardLink(entry) {
    const first = this.linked.get(entry.link);
    if (!first) return false;
    const { name } = entry;
    const sameContent = first.size === entry.size && first.hash.equals(sha256(entry.content));
    try {
      if (!sameContent) throw new Error('content');
      fs.linkSync(Buffer.concat([Buffer.from(this.place.target), first.path]), name);
    } catch (error) {
      if (error.code === 'EEXIST') throw error;
      this.note(name, 'restored as a copy of its own instead of a hard link');
      return false;
    }
    if (this.place.identity(name) === first.identity) {
      this.counts.files++;
      return true;
    }
    fs.unlinkSync(name); // the path meant something else by now
    this.place.disturbed();
    return false;
  }

  // ---- other kinds

  symlink(entry) {
    const { name, content } = entry;
    if (content === null) throw new Damaged(`it ${notSaved(entry)}`);
    if (content.length === 0 || content.includes(0)) throw new Damaged('it is a symbolic link to an impossible name');
    fs.symlinkSync(content, name);
    this.counts.links++;
    this.metadata(name, null, entry, name);
  }

  fifo(entry) {
    const { name } = entry;
    if (!this.mkfifo) throw new Damaged('it is a named pipe, and the command mkfifo is not here to make it');
    if (!buffer.isUtf8(name)) throw new Damaged('it is a named pipe, and mkfifo cannot be given its name');
    if (fs.lstatSync(name, { throwIfNoEntry: false })) throw Object.assign(new Error(), { code: 'EEXIST' });
    const made = childProcess.spawnSync(this.mkfifo, ['-m', '600', `./${name}`], { stdio: 'ignore' });
    if (made.status !== 0) throw new Damaged('it is a named pipe, and mkfifo could not make it');
    const fd = fs.openSync(name, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | O_NOFOLLOW);
    try {
      if (!fs.fstatSync(fd).isFIFO()) this.place.disturbed();
      this.metadata(name, fd, entry, name);
    } finally {
      fs.closeSync(fd);
    }
    this.counts.fifos++;
  }

  device({ type, content }) {
    const letter = type === 5 ? 'c' : 'b';
    const numbers = content && content.length === 2 ? content.join(' ') : '? ?';
    throw new Damaged(
      `it is a ${TYPE_NAMES[type]}, which this tool does not make; ` + `"mknod NAME ${letter} ${numbers}" does`,
    );
  }

  // ---- owner, attributes, mode, times: in this order, since each may undo those after it

  metadata(name, fd, entry, fileName) {
    const own = this.setOwner(name, fd, entry, fileName);
    this.setAttributes(name, entry, fileName);
    const mode = own ? entry.mode : entry.mode & 0o1777;
    if (entry.type !== LINK) {
      if (mode !== entry.mode) this.note(name, 'restored without set-user-id or set-group-id');
      this.quietly(name, 'restored without permissions', () => {
        if (fd !== null) fs.fchmodSync(fd, mode);
        else fs.chmodSync(fileName, mode);
      });
    }
    // As text: Node takes a negative number for "now".
    const time = String(entry.seconds + entry.nanoseconds / 1e9);
    this.quietly(name, 'restored without time', () => {
      if (fd !== null) fs.futimesSync(fd, time, time);
      else fs.lutimesSync(fileName, time, time);
    });
  }

  setOwner(name, fd, { uid, gid }, fileName) {
    if (!this.isRoot) return false;
    return this.quietly(name, 'restored without owner', () => {
      if (fd !== null) fs.fchownSync(fd, uid, gid);
      else fs.lchownSync(fileName, uid, gid);
    });
  }

  setAttributes(name, { attributes }, fileName) {
    if (attributes.length === 0) return;
    if (!this.setfattr) {
      this.counts.attributes++;
      return;
    }
    const escaped = (bytes) => Array.from(bytes, (b) => `\\${b.toString(8).padStart(3, '0')}`).join('');
    const lines = attributes.map(([key, value]) => `${escaped(key)}=0x${value.toString('hex')}\n`).join('');
    const input = `# file: ./${escaped(fileName)}\n${lines}\n`;
    const stdio = ['pipe', 'ignore', 'ignore'];
    const done = childProcess.spawnSync(this.setfattr, ['-h', '--restore=-'], { input, stdio });
    if (done.status !== 0) this.note(name, 'restored without some extended attributes');
  }

  quietly(name, text, step) {
    try {
      step();
      return true;
    } catch (error) {
      this.note(name, `${text} (${error.code})`);
      return false;
    }
  }

  // ---- the end

  report(target) {
    const { files, folders, links, fifos, sockets, bytes, missing, attributes } = this.counts;
    for (const [text, { count, first }] of this.notes) {
      say(`Note: ${text}: ${plural(count, 'entry', 'entries')}, the first is ${first}.`);
    }
    if (attributes > 0) {
      say(
        `${plural(attributes, 'entry has', 'entries have')} extended attributes or ACLs that were not restored` +
          (this.withAttributes
            ? ': the command setfattr is not here.'
            : '; --xattrs restores them where the command setfattr is installed.'),
      );
    }
    if (sockets > 0) say(`${plural(sockets, 'socket', 'sockets')} left out: programs make theirs anew as they start.`);
    const parts = [`${plural(files, 'file', 'files')} (${showSize(bytes)})`, plural(folders, 'folder', 'folders')];
    if (links > 0) parts.push(plural(links, 'symbolic link', 'symbolic links'));
    if (fifos > 0) parts.push(plural(fifos, 'named pipe', 'named pipes'));
    say(`Restored to ${target}: ${parts.join(', ')}.`);
    if (missing === 0) return EXIT.ok;
    say(
      `${plural(missing, 'entry is', 'entries are')} missing; each is named above, with the reason. Everything ` +
        'else is as it was saved. Another copy of the vault, or an older snapshot (--list), may still hold the rest.',
    );
    return files + links + fifos > 0 ? EXIT.missing : EXIT.damaged;
  }
}

function notSaved({ state }) {
  const code = state.startsWith('unreadable:') ? `, ${show(state.slice('unreadable:'.length))}` : '';
  return `is not in the snapshot: Coffer could not read it when the snapshot was made${code}`;
}

// Writes a chunk at `at`, leaving out its parts that lie in holes and are zero indeed.
function writeSparse(fd, data, at, holes, hole) {
  let done = 0;
  for (let i = hole; i < holes.length && holes[i] < at + data.length; i += 2) {
    const start = Math.max(0, holes[i] - at);
    const end = Math.min(data.length, holes[i] + holes[i + 1] - at);
    if (end <= start || !data.subarray(start, end).equals(ZEROS.subarray(0, end - start))) continue;
    writeAll(fd, data, done, start, at);
    done = end;
  }
  writeAll(fd, data, done, data.length, at);
}

function writeAll(fd, data, from, to, at) {
  while (from < to) from += fs.writeSync(fd, data, from, to - from, at + from);
}

// --------------------------------------------------------------------------------------------------- the program

function parseArguments(args) {
  const options = { store: null, target: null, snapshot: null };
  const usage = (text) => new Stop(EXIT.usage, `${text} --help shows how to use this program.`);
  for (let i = 0; i < args.length; i++) {
    const [, flag, , value] = /^--([a-z]+)(=(.*))?$/s.exec(args[i]) || [];
    if (flag === 'store' || flag === 'target') {
      options[flag] = value !== undefined ? value : args[++i];
      if (!options[flag]) throw usage(`--${flag} needs a folder.`);
    } else if (['list', 'xattrs', 'untrusted', 'help'].includes(flag) && value === undefined) options[flag] = true;
    else if (args[i].startsWith('-')) throw usage(`There is no option ${show(args[i])}.`);
    else if (options.snapshot !== null) throw usage('Only one snapshot can be given.');
    else options.snapshot = args[i].toLowerCase();
  }
  if (options.help) return options;
  if (!options.store) throw usage('Please give the folder with the vault: --store DIR.');
  if (!options.list && !options.target) throw usage('Please give the folder to restore to: --target DIR.');
  if (options.snapshot !== null && !/^(latest|[0-9a-f]{1,64})$/.test(options.snapshot)) {
    throw usage('SNAPSHOT is the beginning of a hash as --list shows it, or "latest".');
  }
  return options;
}

function openStore(folder) {
  try {
    const root = fs.realpathSync(folder);
    if (fs.statSync(root).isDirectory()) return new Store(root);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  throw new Stop(EXIT.usage, `There is no folder ${folder}. Please check the path given with --store.`);
}

// Before anything is read: the target is absent, or an empty folder, and not inside the store.
function checkTarget(folder, store) {
  const full = path.resolve(folder);
  let above = full;
  while (!fs.existsSync(above)) above = path.dirname(above);
  const inStore = path.relative(store.root, path.join(fs.realpathSync(above), path.relative(above, full)));
  if (inStore === '' || (!inStore.startsWith('..') && !path.isAbsolute(inStore))) {
    throw new Stop(EXIT.usage, 'The target lies inside the store. Please choose a folder elsewhere.');
  }
  if (above !== full) return full;
  if (!fs.statSync(full).isDirectory()) {
    throw new Stop(EXIT.usage, `${full} is not a folder. Please choose another target.`);
  }
  if (fs.readdirSync(full).length > 0) {
    throw new Stop(
      EXIT.usage,
      `${full} is not empty. So that nothing is overwritten or mixed up, please give a new ` +
        'or an empty folder with --target.',
    );
  }
  return full;
}

// Whether a source lies inside another one, or is the same.
function isInside(inner, outer, platform) {
  const [a, b] = [inner, outer].map((source) => layout(source.path, platform).parts);
  return b.every((part, i) => i < a.length && part.equals(a[i]));
}

function restore(store, vault, chosen, options, target) {
  let snapshot;
  try {
    snapshot = readSnapshot(store, vault, chosen);
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    throw new Stop(
      EXIT.damaged,
      `The snapshot ${short(chosen.hash)} of ${showTime(chosen.time)} cannot be restored: ` +
        `${error.message}. Nothing was restored. --list shows the other snapshots; please choose one of them.`,
    );
  }
  const origin = `${show(snapshot.user)} on ${show(snapshot.host)}`;
  const which = !options.snapshot || options.snapshot === 'latest' ? 'the newest snapshot,' : 'snapshot';
  say(`Restoring ${which} ${short(chosen.hash)} of ${showTime(chosen.time)}, made by ${origin}.`);
  const packs = new Packs(store, vault);
  packs.scan();
  fs.mkdirSync(target, { recursive: true });
  const run = new Restore(packs, fs.realpathSync(target), options);
  const done = [];
  for (const source of snapshot.sources.sort((a, b) => Buffer.compare(a.path, b.path))) {
    run.source(
      source,
      snapshot.platform,
      done.some((other) => isInside(source, other, snapshot.platform)),
    );
    done.push(source);
  }
  return run.report(target);
}

function run(args) {
  const options = parseArguments(args);
  if (options.help) {
    say(HELP);
    return EXIT.ok;
  }
  const store = openStore(options.store);
  const target = options.list ? null : checkTarget(options.target, store);
  const vault = unlock(store, secretsFromEnvironment());
  readConfig(store, vault);
  const logs = readLogs(store, vault, options.untrusted);
  const offered = offeredSnapshots(store, vault, logs, options.untrusted);
  if (options.list) {
    listSnapshots(store, vault, logs, offered);
    return EXIT.ok;
  }
  return restore(store, vault, chooseSnapshot(offered, logs, options.snapshot), options, target);
}

function main() {
  if (!checkNode()) return EXIT.other;
  // Whoever reads the messages may stop reading; the restore goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    return run(process.argv.slice(2));
  } catch (error) {
    if (error instanceof Stop) {
      warn(error.message);
      return error.code;
    }
    warn(`The restore stopped: ${error.message}. The vault was only read, never changed.`);
    return EXIT.other;
  }
}

// ------------------------------------------------------------------------------- the 2,048 words of BIP-39, English

const WORDS = `
abandon ability able about above absent absorb abstract absurd abuse access accident account accuse achieve acid
acoustic acquire across act action actor actress actual adapt add addict address adjust admit adult advance advice
aerobic affair afford afraid again age agent agree ahead aim air airport aisle alarm album alcohol alert alien all alley
allow almost alone alpha already also alter always amateur amazing among amount amused analyst anchor ancient anger
angle angry animal ankle announce annual another answer antenna antique anxiety any apart apology appear apple approve
april arch arctic area arena argue arm armed armor army around arrange arrest arrive arrow art artefact artist artwork
ask aspect assault asset assist assume asthma athlete atom attack attend attitude attract auction audit august aunt
author auto autumn average avocado avoid awake aware away awesome awful awkward axis baby bachelor bacon badge bag
balance balcony ball bamboo banana banner bar barely bargain barrel base basic basket battle beach bean beauty because
become beef before begin behave behind believe below belt bench benefit best betray better between beyond bicycle bid
bike bind biology bird birth bitter black blade blame blanket blast bleak bless blind blood blossom blouse blue blur
blush board boat body boil bomb bone bonus book boost border boring borrow boss bottom bounce box boy bracket brain
brand brass brave bread breeze brick bridge brief bright bring brisk broccoli broken bronze broom brother brown brush
bubble buddy budget buffalo build bulb bulk bullet bundle bunker burden burger burst bus business busy butter buyer buzz
cabbage cabin cable cactus cage cake call calm camera camp can canal cancel candy cannon canoe canvas canyon capable
capital captain car carbon card cargo carpet carry cart case cash casino castle casual cat catalog catch category cattle
caught cause caution cave ceiling celery cement census century cereal certain chair chalk champion change chaos chapter
charge chase chat cheap check cheese chef cherry chest chicken chief child chimney choice choose chronic chuckle chunk
churn cigar cinnamon circle citizen city civil claim clap clarify claw clay clean clerk clever click client cliff climb
clinic clip clock clog close cloth cloud clown club clump cluster clutch coach coast coconut code coffee coil coin
collect color column combine come comfort comic common company concert conduct confirm congress connect consider control
convince cook cool copper copy coral core corn correct cost cotton couch country couple course cousin cover coyote crack
cradle craft cram crane crash crater crawl crazy cream credit creek crew cricket crime crisp critic crop cross crouch
crowd crucial cruel cruise crumble crunch crush cry crystal cube culture cup cupboard curious current curtain curve
cushion custom cute cycle dad damage damp dance danger daring dash daughter dawn day deal debate debris decade december
decide decline decorate decrease deer defense define defy degree delay deliver demand demise denial dentist deny depart
depend deposit depth deputy derive describe desert design desk despair destroy detail detect develop device devote
diagram dial diamond diary dice diesel diet differ digital dignity dilemma dinner dinosaur direct dirt disagree discover
disease dish dismiss disorder display distance divert divide divorce dizzy doctor document dog doll dolphin domain
donate donkey donor door dose double dove draft dragon drama drastic draw dream dress drift drill drink drip drive drop
drum dry duck dumb dune during dust dutch duty dwarf dynamic eager eagle early earn earth easily east easy echo ecology
economy edge edit educate effort egg eight either elbow elder electric elegant element elephant elevator elite else
embark embody embrace emerge emotion employ empower empty enable enact end endless endorse enemy energy enforce engage
engine enhance enjoy enlist enough enrich enroll ensure enter entire entry envelope episode equal equip era erase erode
erosion error erupt escape essay essence estate eternal ethics evidence evil evoke evolve exact example excess exchange
excite exclude excuse execute exercise exhaust exhibit exile exist exit exotic expand expect expire explain expose
express extend extra eye eyebrow fabric face faculty fade faint faith fall false fame family famous fan fancy fantasy
farm fashion fat fatal father fatigue fault favorite feature february federal fee feed feel female fence festival fetch
fever few fiber fiction field figure file film filter final find fine finger finish fire firm first fiscal fish fit
fitness fix flag flame flash flat flavor flee flight flip float flock floor flower fluid flush fly foam focus fog foil
fold follow food foot force forest forget fork fortune forum forward fossil foster found fox fragile frame frequent
fresh friend fringe frog front frost frown frozen fruit fuel fun funny furnace fury future gadget gain galaxy gallery
game gap garage garbage garden garlic garment gas gasp gate gather gauge gaze general genius genre gentle genuine
gesture ghost giant gift giggle ginger giraffe girl give glad glance glare glass glide glimpse globe gloom glory glove
glow glue goat goddess gold good goose gorilla gospel gossip govern gown grab grace grain grant grape grass gravity
great green grid grief grit grocery group grow grunt guard guess guide guilt guitar gun gym habit hair half hammer
hamster hand happy harbor hard harsh harvest hat have hawk hazard head health heart heavy hedgehog height hello helmet
help hen hero hidden high hill hint hip hire history hobby hockey hold hole holiday hollow home honey hood hope horn
horror horse hospital host hotel hour hover hub huge human humble humor hundred hungry hunt hurdle hurry hurt husband
hybrid ice icon idea identify idle ignore ill illegal illness image imitate immense immune impact impose improve impulse
inch include income increase index indicate indoor industry infant inflict inform inhale inherit initial inject injury
inmate inner innocent input inquiry insane insect inside inspire install intact interest into invest invite involve iron
island isolate issue item ivory jacket jaguar jar jazz jealous jeans jelly jewel job join joke journey joy judge juice
jump jungle junior junk just kangaroo keen keep ketchup key kick kid kidney kind kingdom kiss kit kitchen kite kitten
kiwi knee knife knock know lab label labor ladder lady lake lamp language laptop large later latin laugh laundry lava
law lawn lawsuit layer lazy leader leaf learn leave lecture left leg legal legend leisure lemon lend length lens leopard
lesson letter level liar liberty library license life lift light like limb limit link lion liquid list little live
lizard load loan lobster local lock logic lonely long loop lottery loud lounge love loyal lucky luggage lumber lunar
lunch luxury lyrics machine mad magic magnet maid mail main major make mammal man manage mandate mango mansion manual
maple marble march margin marine market marriage mask mass master match material math matrix matter maximum maze meadow
mean measure meat mechanic medal media melody melt member memory mention menu mercy merge merit merry mesh message metal
method middle midnight milk million mimic mind minimum minor minute miracle mirror misery miss mistake mix mixed mixture
mobile model modify mom moment monitor monkey monster month moon moral more morning mosquito mother motion motor
mountain mouse move movie much muffin mule multiply muscle museum mushroom music must mutual myself mystery myth naive
name napkin narrow nasty nation nature near neck need negative neglect neither nephew nerve nest net network neutral
never news next nice night noble noise nominee noodle normal north nose notable note nothing notice novel now nuclear
number nurse nut oak obey object oblige obscure observe obtain obvious occur ocean october odor off offer office often
oil okay old olive olympic omit once one onion online only open opera opinion oppose option orange orbit orchard order
ordinary organ orient original orphan ostrich other outdoor outer output outside oval oven over own owner oxygen oyster
ozone pact paddle page pair palace palm panda panel panic panther paper parade parent park parrot party pass patch path
patient patrol pattern pause pave payment peace peanut pear peasant pelican pen penalty pencil people pepper perfect
permit person pet phone photo phrase physical piano picnic picture piece pig pigeon pill pilot pink pioneer pipe pistol
pitch pizza place planet plastic plate play please pledge pluck plug plunge poem poet point polar pole police pond pony
pool popular portion position possible post potato pottery poverty powder power practice praise predict prefer prepare
present pretty prevent price pride primary print priority prison private prize problem process produce profit program
project promote proof property prosper protect proud provide public pudding pull pulp pulse pumpkin punch pupil puppy
purchase purity purpose purse push put puzzle pyramid quality quantum quarter question quick quit quiz quote rabbit
raccoon race rack radar radio rail rain raise rally ramp ranch random range rapid rare rate rather raven raw razor ready
real reason rebel rebuild recall receive recipe record recycle reduce reflect reform refuse region regret regular reject
relax release relief rely remain remember remind remove render renew rent reopen repair repeat replace report require
rescue resemble resist resource response result retire retreat return reunion reveal review reward rhythm rib ribbon
rice rich ride ridge rifle right rigid ring riot ripple risk ritual rival river road roast robot robust rocket romance
roof rookie room rose rotate rough round route royal rubber rude rug rule run runway rural sad saddle sadness safe sail
salad salmon salon salt salute same sample sand satisfy satoshi sauce sausage save say scale scan scare scatter scene
scheme school science scissors scorpion scout scrap screen script scrub sea search season seat second secret section
security seed seek segment select sell seminar senior sense sentence series service session settle setup seven shadow
shaft shallow share shed shell sheriff shield shift shine ship shiver shock shoe shoot shop short shoulder shove shrimp
shrug shuffle shy sibling sick side siege sight sign silent silk silly silver similar simple since sing siren sister
situate six size skate sketch ski skill skin skirt skull slab slam sleep slender slice slide slight slim slogan slot
slow slush small smart smile smoke smooth snack snake snap sniff snow soap soccer social sock soda soft solar soldier
solid solution solve someone song soon sorry sort soul sound soup source south space spare spatial spawn speak special
speed spell spend sphere spice spider spike spin spirit split spoil sponsor spoon sport spot spray spread spring spy
square squeeze squirrel stable stadium staff stage stairs stamp stand start state stay steak steel stem step stereo
stick still sting stock stomach stone stool story stove strategy street strike strong struggle student stuff stumble
style subject submit subway success such sudden suffer sugar suggest suit summer sun sunny sunset super supply supreme
sure surface surge surprise surround survey suspect sustain swallow swamp swap swarm swear sweet swift swim swing switch
sword symbol symptom syrup system table tackle tag tail talent talk tank tape target task taste tattoo taxi teach team
tell ten tenant tennis tent term test text thank that theme then theory there they thing this thought three thrive throw
thumb thunder ticket tide tiger tilt timber time tiny tip tired tissue title toast tobacco today toddler toe together
toilet token tomato tomorrow tone tongue tonight tool tooth top topic topple torch tornado tortoise toss total tourist
toward tower town toy track trade traffic tragic train transfer trap trash travel tray treat tree trend trial tribe
trick trigger trim trip trophy trouble truck true truly trumpet trust truth try tube tuition tumble tuna tunnel turkey
turn turtle twelve twenty twice twin twist two type typical ugly umbrella unable unaware uncle uncover under undo unfair
unfold unhappy uniform unique unit universe unknown unlock until unusual unveil update upgrade uphold upon upper upset
urban urge usage use used useful useless usual utility vacant vacuum vague valid valley valve van vanish vapor various
vast vault vehicle velvet vendor venture venue verb verify version very vessel veteran viable vibrant vicious victory
video view village vintage violin virtual virus visa visit visual vital vivid vocal voice void volcano volume vote
voyage wage wagon wait walk wall walnut want warfare warm warrior wash wasp waste water wave way wealth weapon wear
weasel weather web wedding weekend weird welcome west wet whale what wheat wheel when where whip whisper wide width wife
wild will win window wine wing wink winner winter wire wisdom wise wish witness wolf woman wonder wood wool word work
world worry worth wrap wreck wrestle wrist write wrong yard year yellow you young youth zebra zero zone zoo
`;

process.exitCode = main();
