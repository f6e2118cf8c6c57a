/**
 * [Note: path text] in port.ts: strings that hold any bytes. Well-formed strings (nearly all) go to the system as they
 * are; only names with invalid UTF-8 take the slow ways below.
 *
 * Decoding is strict, so no lone high surrogate ever comes out of it and an escaped byte never pairs up by accident.
 */
import { isUtf8 } from 'node:buffer';

const replacement = '\uFFFD';
/** A byte b that is not valid UTF-8 (always ≥ 0x80) is the code unit 0xDC00 + b. */
const escapeBase = 0xdc00;

/** Whether a string that came from a lossy UTF-8 decoder may have lost bytes. */
export function mayBeLossy(text: string): boolean {
  return text.includes(replacement);
}

export function decodePath(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString('utf8') : decodeInvalid(buffer);
}

export function encodePath(path: string): string | Buffer {
  return path.isWellFormed() ? path : encodeIllFormed(path);
}

/** The raw bytes of a name, as trees store them. */
export function nameBytes(name: string): Uint8Array {
  const buffer = name.isWellFormed() ? Buffer.from(name, 'utf8') : encodeIllFormed(name);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

export function nameFromBytes(bytes: Uint8Array): string {
  return decodePath(bytes);
}

export function joinPath(folder: string, name: string): string {
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

/** The folder of a path and its last part; the folder of `/a` is `/`, that of `a` is the empty string. */
export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { folder: slash === 0 ? '/' : path.slice(0, Math.max(0, slash)), name: path.slice(slash + 1) };
}

/** Inside a folder, at any depth. */
export function isBelow(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** The names that lead from a folder down to a path below it. */
export function namesBelow(path: string, folder: string): string[] {
  return path
    .slice(folder === '/' ? 1 : folder.length + 1)
    .split('/')
    .filter((name) => name !== '');
}

export function withoutTrailingSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') || '/' : path;
}

/** The order of the raw bytes. Below the surrogates it is the order of the code units, which needs no encoding. */
export function compareNames(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) {
    const difference = left.charCodeAt(at) - right.charCodeAt(at);
    if (difference === 0) continue;
    if (left.charCodeAt(at) < 0xd800 && right.charCodeAt(at) < 0xd800) return difference;
    return Buffer.compare(nameBytes(left), nameBytes(right));
  }
  return left.length - right.length;
}

/** Sorts in place by the raw bytes; ordinary names take the engine's own string sort, several times faster. */
export function sortNames(names: string[]): string[] {
  for (const name of names) if (/[\uD800-\uFFFF]/.test(name)) return names.sort(compareNames);
  return names.sort();
}

function decodeInvalid(bytes: Uint8Array): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) text += String.fromCharCode(escapeBase + byteAt(bytes, at));
    else text += Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('utf8');
    at += Math.max(1, length);
  }
  return text;
}

/** Bytes of the well-formed UTF-8 sequence at `at` (Unicode table 3-7), or 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = byteAt(bytes, at);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // The second byte is where overlong forms, surrogates and code points above U+10FFFF show.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = byteAt(bytes, at + 1);
  if (second < low || second > high) return 0;
  for (let more = 2; more < length; more++) if ((byteAt(bytes, at + more) & 0xc0) !== 0x80) return 0;
  return length;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** Text with lone surrogates: escaped bytes become bytes again; others (possible on Windows only) three bytes each. */
function encodeIllFormed(text: string): Buffer {
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) parts.push(Buffer.of(code - escapeBase));
    else if (code >= 0xd800 && code <= 0xdfff)
      parts.push(Buffer.of(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)));
    else parts.push(Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}
