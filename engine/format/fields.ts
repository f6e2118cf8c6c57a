import type { Time } from '../base/index.ts';
import { type CborMap, type CborValue, isMap } from './cbor-writer.ts';
import { damaged } from './damaged.ts';

/** Typed reading of a decoded map; what is missing or of another kind is damage. */
export type Fields = ReturnType<typeof fieldsOf>;

export function fieldsOf(value: CborValue | undefined, name: string) {
  const refuse = (key: string): never => {
    throw damaged(name, `its field ${key} is not as it should be`);
  };
  if (value === undefined || !isMap(value)) throw damaged(name, 'a map is missing');
  const map: CborMap = value;
  const get = (key: string): CborValue => {
    const found = map.get(key);
    return found === undefined ? refuse(key) : found;
  };
  const array = (key: string): readonly CborValue[] => {
    const found = get(key);
    return isArray(found) ? found : refuse(key);
  };
  return {
    get,
    array,
    text: (key: string): string => {
      const found = get(key);
      return typeof found === 'string' ? found : refuse(key);
    },
    texts: (key: string): string[] => array(key).map((item) => (typeof item === 'string' ? item : refuse(key))),
    uint: (key: string): number => {
      const found = get(key);
      return isUint(found) ? found : refuse(key);
    },
    bytes: (key: string, length?: number): Uint8Array => {
      const found = get(key);
      return found instanceof Uint8Array && found.length === (length ?? found.length) ? found : refuse(key);
    },
    /** Null, or so many bytes. */
    bytesOrNull: (key: string, length: number): Uint8Array | null => {
      const found = get(key);
      if (found === null) return null;
      return found instanceof Uint8Array && found.length === length ? found : refuse(key);
    },
    time: (key: string): Time => {
      const found = get(key);
      if (!isArray(found) || found.length !== 2) return refuse(key);
      const [seconds, nanoseconds] = found;
      if (typeof seconds !== 'number' || !isUint(nanoseconds) || nanoseconds >= 1e9) return refuse(key);
      return { seconds, nanoseconds };
    },
    refuse,
  };
}

export const isArray = (value: CborValue | undefined): value is readonly CborValue[] => Array.isArray(value);

export const isUint = (value: CborValue | undefined): value is number => typeof value === 'number' && value >= 0;

export const timeValue = ({ seconds, nanoseconds }: Time): CborValue => [seconds, nanoseconds];

/** Keys in any order: the writer sorts them. */
export const mapOf = (fields: Readonly<Record<string, CborValue>>): Map<string, CborValue> =>
  new Map(Object.entries(fields));
