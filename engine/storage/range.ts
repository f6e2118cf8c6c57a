import { assert, CofferError } from '../base/index.ts';
import type { ByteRange } from './port.ts';

/** Twice the largest sealed object: what a hostile place may make a reader allocate. */
const objectBytesMax = 512 * 1024 * 1024;

/** The bytes to read of an object of `size`, refused where the object cannot hold them. */
export function resolveRange(key: string, size: number, range: ByteRange | undefined): ByteRange {
  const { offset, length } = range ?? { offset: 0, length: size };
  assert(
    Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(length) && length >= 0,
    'a range of bytes',
  );
  if (offset + length > size) throw new CofferError('object.damaged', { key, reason: `it has only ${size} bytes` });
  if (length > objectBytesMax)
    throw new CofferError('object.damaged', { key, reason: `its ${size} bytes are more than any object has` });
  return { offset, length };
}
