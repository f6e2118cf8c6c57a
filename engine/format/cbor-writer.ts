import { assert } from '../base/index.ts';

/** Values of CBOR in the subset that the format uses (FORMAT.md section 1). */
export type CborValue = null | boolean | number | bigint | string | Uint8Array | readonly CborValue[] | CborMap;
export type CborMap = ReadonlyMap<string, CborValue>;
export type CborField = readonly [key: string, write: () => void];

/** Major types of RFC 8949, as they stand in the head byte. */
export const major = {
  uint: 0x00,
  negative: 0x20,
  bytes: 0x40,
  text: 0x60,
  array: 0x80,
  map: 0xa0,
  simple: 0xe0,
} as const;

export const simple = { false: 0xf4, true: 0xf5, null: 0xf6 } as const;

const textEncoder = new TextEncoder();

/**
 * Writes deterministic CBOR into one growing array. Own code because trees need it: an entry costs a fifth of what a general
 * library takes, and determinism holds by construction (shortest heads here, sorted keys in `value`).
 */
export class CborWriter {
  #buffer: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #end = 0;

  constructor(capacity = 1024) {
    this.#buffer = new Uint8Array(capacity);
    this.#view = new DataView(this.#buffer.buffer);
  }

  get length(): number {
    return this.#end;
  }

  /** What was written, without a copy: writing on may change it. */
  bytesSoFar(): Uint8Array {
    return this.#buffer.subarray(0, this.#end);
  }

  uint(value: number): void {
    this.#head(major.uint, value);
  }

  int(value: number): void {
    if (value >= 0) this.#head(major.uint, value);
    else this.#head(major.negative, -1 - value);
  }

  big(value: bigint): void {
    const magnitude = value < 0n ? -1n - value : value;
    if (magnitude <= BigInt(Number.MAX_SAFE_INTEGER)) return this.int(Number(value));
    assert(magnitude < 1n << 64n, 'an integer of at most 64 bits');
    this.#room(9);
    this.#buffer[this.#end] = (value < 0n ? major.negative : major.uint) | 27;
    this.#view.setBigUint64(this.#end + 1, magnitude, false);
    this.#end += 9;
  }

  bytes(value: Uint8Array): void {
    const { length } = value;
    this.#head(major.bytes, length);
    this.#room(length);
    // A call of `set` costs more than copying the few bytes of a usual name by hand.
    if (length > 24) this.#buffer.set(value, this.#end);
    else for (let at = 0; at < length; at++) this.#buffer[this.#end + at] = value[at] ?? 0;
    this.#end += length;
  }

  text(value: string): void {
    this.#textBytes(textEncoder.encode(value));
  }

  #textBytes(bytes: Uint8Array): void {
    this.#head(major.text, bytes.length);
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  array(length: number): void {
    this.#head(major.array, length);
  }

  map(size: number): void {
    this.#head(major.map, size);
  }

  null(): void {
    this.#byte(simple.null);
  }

  /** Any value; the keys of maps are sorted here. */
  value(value: CborValue): void {
    if (value === null) return this.null();
    if (typeof value === 'boolean') return this.#byte(value ? simple.true : simple.false);
    if (typeof value === 'number') return this.int(value);
    if (typeof value === 'bigint') return this.big(value);
    if (typeof value === 'string') return this.text(value);
    if (value instanceof Uint8Array) return this.bytes(value);
    if (isMap(value)) return this.fields([...value].map(([key, item]) => [key, () => this.value(item)]));
    this.array(value.length);
    for (const item of value) this.value(item);
  }

  /** A map whose values `write` puts down; keys are sorted here, shorter ones first, as their encodings compare. */
  fields(fields: readonly CborField[]): void {
    const sorted = fields.map(([key, write]) => ({ key: textEncoder.encode(key), write }));
    sorted.sort((left, right) => left.key.length - right.key.length || Buffer.compare(left.key, right.key));
    this.map(sorted.length);
    for (const { key, write } of sorted) {
      this.#textBytes(key);
      write();
    }
  }

  #byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#end++] = value;
  }

  #head(type: number, value: number): void {
    this.#room(9);
    const buffer = this.#buffer;
    const end = this.#end;
    if (value < 24) {
      buffer[end] = type | value;
      this.#end = end + 1;
    } else if (value < 0x100) {
      buffer[end] = type | 24;
      buffer[end + 1] = value;
      this.#end = end + 2;
    } else if (value < 0x10000) {
      buffer[end] = type | 25;
      this.#view.setUint16(end + 1, value, false);
      this.#end = end + 3;
    } else if (value < 0x100000000) {
      buffer[end] = type | 26;
      this.#view.setUint32(end + 1, value, false);
      this.#end = end + 5;
    } else {
      assert(Number.isSafeInteger(value), 'a safe integer');
      buffer[end] = type | 27;
      this.#view.setUint32(end + 1, Math.floor(value / 0x100000000), false);
      this.#view.setUint32(end + 5, value >>> 0, false);
      this.#end = end + 9;
    }
  }

  #room(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#end));
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}

// `instanceof Map` does not narrow a ReadonlyMap; the cast is what the check says.
export const isMap = (value: CborValue): value is CborMap => (value as unknown) instanceof Map;

export function encodeCbor(value: CborValue): Uint8Array {
  const writer = new CborWriter();
  writer.value(value);
  return writer.bytesSoFar().slice();
}
