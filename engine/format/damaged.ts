import { CofferError } from '../base/index.ts';

/** What every decoder throws on bytes that are not what they should be. `name` is the object's key in the store. */
export function damaged(name: string, reason: string, cause?: unknown): CofferError {
  return new CofferError('object.damaged', { key: name, reason }, cause);
}
