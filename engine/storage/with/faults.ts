import { type Clock, CofferError, type ErrorCode, unreachable } from '../../base/index.ts';
import type { Store, StoreEntry } from '../port.ts';

export type StoreOperation = 'list' | 'listKeys' | 'get' | 'stat' | 'put' | 'adopt' | 'flush' | 'settle' | 'delete';

export type FaultCall = {
  readonly operation: StoreOperation;
  /** The key, or the prefix of a listing; empty for `flush` and `settle`. */
  readonly key: string;
  /** 1 for the first call of any kind. */
  readonly number: number;
  /** Of an object that is put, else 0. */
  readonly bytes: number;
  /** All that was put before, whether it succeeded or not. */
  readonly bytesBefore: number;
};

export type Fault =
  /** Nothing is done; `store.failed` unless another code is named. */
  | { readonly kind: 'fail'; readonly code?: ErrorCode }
  /** It is done, and then reported as failed. A listing fails after its last entry. */
  | { readonly kind: 'lostAnswer' }
  /** A listing fails after this many entries. Other calls are not affected. */
  | { readonly kind: 'breakOff'; readonly after: number }
  /** One byte of what is put or got is another one. */
  | { readonly kind: 'corrupt'; readonly position: number }
  /** What is put or got ends after this many bytes. */
  | { readonly kind: 'truncate'; readonly length: number }
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** A listing that leaves entries out without saying so. */
  | { readonly kind: 'dropEntries'; readonly drops: (key: string) => boolean };

/** Decides about each call; called once per call, in order. */
export type FaultPlan = (call: FaultCall) => Fault | null;

/** A place as bad as the plan says. It counts calls, so that a test can first count and then fail each one in turn. */
export function withFaults(store: Store, { plan, clock }: { readonly plan: FaultPlan; readonly clock?: Clock }): Store {
  let number = 0;
  let bytesBefore = 0;

  const decide = (operation: StoreOperation, key: string, bytes = 0): Fault | null => {
    number += 1;
    const fault = plan({ operation, key, number, bytes, bytesBefore });
    bytesBefore += bytes;
    return fault;
  };
  const failure = (operation: StoreOperation, key: string, code: ErrorCode = 'store.failed'): CofferError =>
    new CofferError(code, { store: store.url, key, action: operation, detail: `fault on ${operation}` });

  const call = async <T>(
    operation: StoreOperation,
    key: string,
    fault: Fault | null,
    step: () => Promise<T>,
  ): Promise<T> => {
    if (fault?.kind === 'fail') throw failure(operation, key, fault.code);
    if (fault?.kind === 'slow') await clock?.sleep(fault.delayMs);
    const answer = await step();
    if (fault?.kind === 'lostAnswer') throw failure(operation, key);
    return answer;
  };

  async function* listing<T>(
    operation: 'list' | 'listKeys',
    prefix: string,
    items: AsyncIterable<T>,
    keyOf: (item: T) => string,
  ) {
    const fault = decide(operation, prefix);
    if (fault?.kind === 'fail') throw failure(operation, prefix, fault.code);
    if (fault?.kind === 'slow') await clock?.sleep(fault.delayMs);
    let count = 0;
    for await (const item of items) {
      if (fault?.kind === 'breakOff' && count === fault.after) throw failure(operation, prefix);
      count += 1;
      if (fault?.kind === 'dropEntries' && fault.drops(keyOf(item))) continue;
      yield item;
    }
    if (fault?.kind === 'lostAnswer' || fault?.kind === 'breakOff') throw failure(operation, prefix);
  }

  return {
    ...store,
    list: (prefix, signal) => listing('list', prefix, store.list(prefix, signal), (entry: StoreEntry) => entry.key),
    listKeys: (prefix, signal) => listing('listKeys', prefix, store.listKeys(prefix, signal), (key: string) => key),
    async get(key, range, signal) {
      const fault = decide('get', key);
      return spoil(await call('get', key, fault, () => store.get(key, range, signal)), fault);
    },
    stat: (key, signal) => call('stat', key, decide('stat', key), () => store.stat(key, signal)),
    async put(key, bytes, signal) {
      const fault = decide('put', key, bytes.length);
      await call('put', key, fault, () => store.put(key, spoil(bytes, fault), signal));
    },
    adopt: (key, path, signal) => call('adopt', key, decide('adopt', key), () => store.adopt(key, path, signal)),
    flush: (signal) => call('flush', '', decide('flush', ''), () => store.flush(signal)),
    settle: (signal) => call('settle', '', decide('settle', ''), () => store.settle(signal)),
    delete: (key, signal) => call('delete', key, decide('delete', key), () => store.delete(key, signal)),
  };
}

function spoil(bytes: Uint8Array, fault: Fault | null): Uint8Array {
  switch (fault?.kind) {
    case 'corrupt': {
      const other = bytes.slice();
      const position = fault.position % bytes.length;
      if (bytes.length > 0) other[position] = (other[position] ?? 0) ^ 0x01;
      return other;
    }
    case 'truncate':
      return bytes.slice(0, fault.length);
    case undefined:
    case 'fail':
    case 'lostAnswer':
    case 'breakOff':
    case 'slow':
    case 'dropEntries':
      return bytes;
    default:
      return unreachable(fault);
  }
}
