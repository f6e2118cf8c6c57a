import { type Clock, isCofferError, type Log } from '../../base/index.ts';
import type { Store } from '../port.ts';

/** Answers that callers ask for: nothing a person looking for a fault needs to see as one. */
const ordinary = new Set(['store.objectMissing', 'store.objectExists', 'cancelled']);

/** Says what a store was asked and how it went: every call at `debug`, failures at `warn`. Never what objects hold. */
export function withLog(store: Store, { log, clock }: { readonly log: Log; readonly clock: Clock }): Store {
  const told = async <T>(
    operation: string,
    about: Readonly<Record<string, unknown>>,
    step: () => Promise<T>,
  ): Promise<T> => {
    const start = clock.monotonic();
    const end = (): Readonly<Record<string, unknown>> => ({ ...about, ms: Math.round(clock.monotonic() - start) });
    try {
      const answer = await step();
      log.debug(`store ${operation}`, end());
      return answer;
    } catch (error) {
      const code = isCofferError(error) ? error.code : String(error);
      log[ordinary.has(code) ? 'debug' : 'warn'](`store ${operation} failed`, { ...end(), error: code });
      throw error;
    }
  };

  async function* listing<T>(operation: string, prefix: string, items: AsyncIterable<T>): AsyncGenerator<T> {
    let count = 0;
    try {
      for await (const item of items) {
        count += 1;
        yield item;
      }
      log.debug(`store ${operation}`, { prefix, count });
    } catch (error) {
      log.warn(`store ${operation} failed`, {
        prefix,
        count,
        error: isCofferError(error) ? error.code : String(error),
      });
      throw error;
    }
  }

  return {
    ...store,
    list: (prefix, signal) => listing('list', prefix, store.list(prefix, signal)),
    listKeys: (prefix, signal) => listing('listKeys', prefix, store.listKeys(prefix, signal)),
    get: (key, range, signal) => told('get', { key, ...range }, () => store.get(key, range, signal)),
    stat: (key, signal) => told('stat', { key }, () => store.stat(key, signal)),
    put: (key, bytes, signal) => told('put', { key, bytes: bytes.length }, () => store.put(key, bytes, signal)),
    adopt: (key, path, signal) => told('adopt', { key }, () => store.adopt(key, path, signal)),
    flush: (signal) => told('flush', {}, () => store.flush(signal)),
    settle: (signal) => told('settle', {}, () => store.settle(signal)),
    delete: (key, signal) => told('delete', { key }, () => store.delete(key, signal)),
    prepareSpool: (owner, staleMs) => told('prepareSpool', {}, () => store.prepareSpool(owner, staleMs)),
  };
}
