import { CofferError, isCofferError } from '../../base/index.ts';
import type { Store } from '../port.ts';
import type { Spooled } from './records.ts';
import type { Spool } from './spool.ts';

/**
 * Brings one object to the place, once. It is there when the place has said so, or has an object of this size under this
 * key: keys are hashes of what they name, so an earlier try has arrived whose answer was lost, and nothing is sent again.
 * True when it was sent, and its answer heard.
 * `upload.damaged` when what lies in the spool, or what lies at the place, can not be what the key promises.
 */
export async function bring(
  { place, spool }: { readonly place: Store; readonly spool: Spool },
  object: Spooled,
  { mayBeThere, isProven, signal }: { mayBeThere: boolean; isProven: boolean; signal: AbortSignal },
): Promise<boolean> {
  const damaged = (reason: string): CofferError =>
    new CofferError('upload.damaged', { store: place.url, key: object.key, reason });
  const isAtPlace = async (): Promise<boolean> => {
    const there = await place.stat(object.key, signal);
    if (there !== null && there.size !== object.bytes) {
      throw damaged(`the place has ${there.size} bytes in place of its ${object.bytes}`);
    }
    return there !== null;
  };
  if (mayBeThere && (await isAtPlace())) return false;
  if (!spool.isThere(object.path)) throw damaged('its file has gone from the spool');
  if (!isProven && !spool.isSound(object)) throw damaged('its file in the spool has changed');
  try {
    await place.adopt(object.key, object.path, signal);
    return true;
  } catch (error) {
    if (!isCofferError(error, 'store.objectExists')) throw error;
    if (!(await isAtPlace()))
      throw new CofferError('store.failed', { store: place.url, detail: 'it contradicts itself' }, error);
    return false;
  }
}
