import { type Clock, equalBytes, isCofferError, type Random } from '../../base/index.ts';
import type { Store } from '../port.ts';
import { type Backoff, backoffCeilingMs } from './backoff.ts';

export type RetryOptions = Backoff & { readonly clock: Clock; readonly random: Random };

/**
 * Tries again what may pass by itself: `store.failed`. A full, forbidding or absent place needs a person and is told at
 * once. `flush` and `settle` are never repeated (see their contract).
 *
 * [Note: lost answer] A write may have been done although its answer was lost, or arrive twice; the later one then finds the
 * object in place. It counts as ours when it holds the very bytes we meant.
 *
 * `adopt` is not repeated either: what goes by files is sent by a queue that tries again by itself (upload/).
 */
export function withRetry(store: Store, options: RetryOptions): Store {
  /** Resolves when the next try may begin; throws the error when there is none left or it cannot help. */
  const pause = async (error: unknown, failures: number, signal: AbortSignal | undefined): Promise<void> => {
    if (!mayPass(error) || failures >= options.attempts) throw error;
    const ceilingMs = backoffCeilingMs(failures, options);
    await options.clock.sleep(options.random.integer(Math.floor(ceilingMs) + 1), signal);
  };

  const again = async <T>(step: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    for (let failures = 0; ; ) {
      try {
        return await step();
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
    again(async () => {
      try {
        await once();
      } catch (error) {
        if (!isCofferError(error, 'store.objectExists') || !(await isOurs())) throw error;
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
    delete: (key, signal) => again(() => store.delete(key, signal), signal),
    prepareSpool: (owner, staleMs) => again(() => store.prepareSpool(owner, staleMs), undefined),
  };
}

function mayPass(error: unknown): boolean {
  return isCofferError(error, 'store.failed') && error.retry === 'later';
}
