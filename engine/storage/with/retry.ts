import { type Clock, equalBytes, isCofferError, type Random } from '../../base/index.ts';
import { sha256Hex } from '../../crypto/index.ts';
import { hashInKey } from '../keys.ts';
import type { Store } from '../port.ts';
import { type Backoff, backoffCeilingMs } from './backoff.ts';

export type RetryOptions = Backoff & { readonly clock: Clock; readonly random: Random };

/**
 * Tries again what may pass by itself: `store.failed`. A full, forbidding or absent place needs a person and is told at
 * once. `flush` and `settle` are never repeated (see their contract).
 *
 * [Note: lost answer] A write may have been done although its answer was lost; the repetition then finds the object in
 * place. It counts as ours when it holds the very bytes we meant: compared for `put`, and by the hash in the key for `adopt`,
 * whose file may be gone by then.
 */
export function withRetry(store: Store, options: RetryOptions): Store {
  /** Resolves when the next try may begin; throws the error when there is none left or it cannot help. */
  const pause = async (error: unknown, failures: number, signal: AbortSignal | undefined): Promise<void> => {
    if (!mayPass(error) || failures >= options.attempts) throw error;
    const ceilingMs = backoffCeilingMs(failures, options);
    await options.clock.sleep(options.random.integer(Math.floor(ceilingMs) + 1), signal);
  };

  const again = async <T>(step: (failures: number) => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    for (let failures = 0; ; ) {
      try {
        return await step(failures);
      } catch (error) {
        failures += 1;
        await pause(error, failures, signal);
      }
    }
  };

  const write = (
    once: () => Promise<void>,
    isOurs: () => Promise<boolean>,
    signal: AbortSignal | undefined,
  ): Promise<void> =>
    again(async (failures) => {
      try {
        await once();
      } catch (error) {
        const perhapsOurs = failures > 0 && isCofferError(error, 'store.objectExists');
        if (!perhapsOurs || !(await isOurs())) throw error;
      }
    }, signal);

  /** Begins anew after a failure and leaves out what was handed on already; listings are in the order of their keys. */
  async function* listing<T>(
    open: () => AsyncIterable<T>,
    keyOf: (item: T) => string,
    signal?: AbortSignal,
  ): AsyncGenerator<T> {
    let last = '';
    for (let failures = 0; ; ) {
      try {
        for await (const item of open()) {
          if (keyOf(item) <= last) continue;
          last = keyOf(item);
          failures = 0;
          yield item;
        }
        return;
      } catch (error) {
        failures += 1;
        await pause(error, failures, signal);
      }
    }
  }

  return {
    ...store,
    list: (prefix, signal) =>
      listing(
        () => store.list(prefix, signal),
        (entry) => entry.key,
        signal,
      ),
    listKeys: (prefix, signal) =>
      listing(
        () => store.listKeys(prefix, signal),
        (key) => key,
        signal,
      ),
    get: (key, range, signal) => again(() => store.get(key, range, signal), signal),
    stat: (key, signal) => again(() => store.stat(key, signal), signal),
    put: (key, bytes, signal) =>
      write(
        () => store.put(key, bytes, signal),
        async () => equalBytes(await store.get(key, undefined, signal), bytes),
        signal,
      ),
    adopt: (key, path, signal) =>
      write(
        () => store.adopt(key, path, signal),
        async () => sha256Hex(await store.get(key, undefined, signal)) === hashInKey(key),
        signal,
      ),
    delete: (key, signal) => again(() => store.delete(key, signal), signal),
    prepareSpool: (owner, staleMs) => again(() => store.prepareSpool(owner, staleMs), undefined),
  };
}

function mayPass(error: unknown): boolean {
  return isCofferError(error, 'store.failed') && error.retry === 'later';
}
