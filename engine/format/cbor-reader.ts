import { type CborValue, major, simple } from './cbor-writer.ts';
import { damaged } from './damaged.ts';

/** A general value nests at most this deep: extras and snapshots need four levels. */
const depthMost = 16;

/** A general value has at most this many items, so that a byte per item cannot become gigabytes of objects. */
const itemsMost = 1_000_000;

const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads deterministic CBOR and refuses every other encoding: so what was read encodes to the same bytes again.
 * All reads are checked against the end of the bytes; nothing is allocated before its bytes are known to be there.
 */
export class CborReader {
  readonly #bytes: Uint8Array;
  readonly #name: string;
  #at: number;
  #items = itemsMost;

  constructor(bytes: Uint8Array, name: string, at = 0) {
    this.#bytes = bytes;
    this.#name = name;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  refuse(reason: string): never {
    throw damaged(this.#name, reason);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) this.refuse('bytes follow where it should end');
  }

  uint(): number {
    return this.#head(major.uint);
  }

  /** An unsigned number of at most `most`. */
  uintUpTo(most: number): number {
    const value = this.#head(major.uint);
    if (value > most) this.refuse('a number is too large');
    return value;
  }

  int(): number {
    return this.#peekType() === major.negative ? -1 - this.#head(major.negative) : this.#head(major.uint);
  }

  /** An unsigned number of up to 64 bits. */
  bigUint(): bigint {
    const value = this.#integer();
    if (value < 0) this.refuse('a number is negative');
    return BigInt(value);
  }

  /** A view into the bytes read, not a copy. */
  bytes(): Uint8Array {
    return this.#take(this.#head(major.bytes));
  }

  bytesOf(length: number): Uint8Array {
    const value = this.bytes();
    if (value.length !== length) this.refuse('a byte string has a wrong length');
    return value;
  }

  text(): string {
    const bytes = this.#take(this.#head(major.text));
    try {
      return textDecoder.decode(bytes);
    } catch {
      return this.refuse('a text is not UTF-8');
    }
  }

  /** How many items follow. Each has at least one byte, so a count beyond the rest is refused before any work. */
  array(): number {
    return this.#count(major.array, 1);
  }

  map(): number {
    return this.#count(major.map, 2);
  }

  /** True, and past it, when a null stands here. */
  skipNull(): boolean {
    if (this.#bytes[this.#at] !== simple.null) return false;
    this.#at++;
    return true;
  }

  /** Reads keys in their order and gives each to `read`, which must read its value. */
  eachKey(read: (key: string) => void): void {
    let before = this.#bytes.subarray(0, 0);
    for (let left = this.map(); left > 0; left--) {
      const from = this.#at;
      const key = this.text();
      const encoded = this.#bytes.subarray(from, this.#at);
      // Encoded keys compare as bytes: shorter ones come first, because the head holds the length.
      if (Buffer.compare(before, encoded) >= 0) this.refuse('keys are not in their order');
      before = encoded;
      read(key);
    }
  }

  value(depth = 0): CborValue {
    if (depth > depthMost) this.refuse('it nests too deep');
    if (--this.#items < 0) this.refuse('it has too many items');
    switch (this.#peekType()) {
      case major.uint:
      case major.negative:
        return this.#integer();
      case major.bytes:
        return this.bytes();
      case major.text:
        return this.text();
      case major.array:
        return this.#arrayValue(depth);
      case major.map: {
        const map = new Map<string, CborValue>();
        this.eachKey((key) => map.set(key, this.value(depth + 1)));
        return map;
      }
      default:
        return this.#simpleValue();
    }
  }

  #arrayValue(depth: number): CborValue[] {
    const items: CborValue[] = [];
    for (let left = this.array(); left > 0; left--) items.push(this.value(depth + 1));
    return items;
  }

  #simpleValue(): null | boolean {
    const byte = this.#bytes[this.#at++];
    if (byte === simple.null) return null;
    if (byte === simple.true) return true;
    if (byte === simple.false) return false;
    return this.refuse('it holds a value of a kind that the format does not use');
  }

  #integer(): number | bigint {
    const type = this.#peekType();
    if (type !== major.uint && type !== major.negative) this.refuse('a number is missing');
    if (((this.#bytes[this.#at] ?? 0) & 0x1f) !== 27) return this.int();
    const magnitude = this.#big();
    const value = type === major.negative ? -1n - magnitude : magnitude;
    const isSafe = value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
    return isSafe ? Number(value) : value;
  }

  #big(): bigint {
    const bytes = this.#take(9);
    const value = new DataView(bytes.buffer, bytes.byteOffset + 1, 8).getBigUint64(0, false);
    if (value < 0x100000000n) this.refuse('a number is not in its shortest form');
    return value;
  }

  #peekType(): number {
    return (this.#bytes[this.#at] ?? major.simple) & 0xe0;
  }

  #count(type: number, itemBytes: number): number {
    const count = this.#head(type);
    if (count * itemBytes > this.#bytes.length - this.#at) this.refuse('it is cut short');
    return count;
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) this.refuse('it is cut short');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** The number in the head of an item of this major type: its value, length or count. */
  #head(type: number): number {
    const bytes = this.#bytes;
    const first = bytes[this.#at];
    if (first === undefined) return this.refuse('it is cut short');
    if ((first & 0xe0) !== type) this.refuse('a value is of another kind than it should be');
    const info = first & 0x1f;
    if (info < 24) {
      this.#at++;
      return info;
    }
    if (info > 27) this.refuse('a length is not definite');
    return this.#longHead(1 << (info - 24));
  }

  #longHead(width: number): number {
    const bytes = this.#bytes;
    const from = this.#at + 1;
    this.#at = from + width;
    if (this.#at > bytes.length) this.refuse('it is cut short');
    let value = 0;
    for (let at = from; at < this.#at; at++) value = value * 256 + (bytes[at] ?? 0);
    const least = width === 1 ? 24 : 2 ** (width * 4);
    if (value < least) this.refuse('a number is not in its shortest form');
    if (value > Number.MAX_SAFE_INTEGER) this.refuse('a number is too large');
    return value;
  }
}

export function decodeCbor(bytes: Uint8Array, name: string): CborValue {
  const reader = new CborReader(bytes, name);
  const value = reader.value();
  reader.end();
  return value;
}
