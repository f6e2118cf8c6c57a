import { type Clock, CofferError, limits } from '../../base/index.ts';
import type { Store } from '../port.ts';

export type DeadlineOptions = {
  readonly clock: Clock;
  /** What a call without a body may take. */
  readonly requestMs: number;
  /** No transfer is given more time than at this rate. */
  readonly bytesPerSecondLeast: number;
  /** Bytes of a file that is to be adopted. */
  readonly sizeOf: (path: string) => number;
};

/** How much slower than of late a transfer may be before it counts as stuck: networks are shared, and slow down tenfold. */
const slowerMost = 16;
/** Transfers below this are mostly waiting: they say nothing about the rate. */
const tellingBytes = 256 * 1024;
/** Syncing a place may have much to do. */
const syncFactor = 10;
/** What is read whole without its size being known is small, but for indexes. */
const wholeBytes = limits.indexBytes;

type Pace = { usual: number | null };

/** The rate that a transfer must keep, as far as earlier ones tell; null: none was seen. */
export function leastRate(usual: number | null, bytesPerSecondLeast: number): number {
  return Math.max(bytesPerSecondLeast, (usual ?? 0) / slowerMost);
}

/**
 * Every call ends in time: so many seconds, and for a body as long as it takes at a least rate. A call whose time is up, or
 * whose signal says stop, is told so by its signal and not waited for any more; what it still does or answers changes
 * nothing here. `store.failed` says how long was waited.
 */
export function withDeadline(store: Store, options: DeadlineOptions): Store {
  const { clock, requestMs, bytesPerSecondLeast, sizeOf } = options;
  // Apart: many lines fetch ten times as quickly as they send.
  const sending: Pace = { usual: null };
  const fetching: Pace = { usual: null };

  const within = async <T>(
    about: { readonly limitMs: number; readonly bytes?: number; readonly pace?: Pace },
    call: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> => {
    signal?.throwIfAborted();
    const { limitMs, bytes = 0, pace } = about;
    const over = new AbortController();
    const stopping = new AbortController();
    const beganMs = clock.monotonic();
    const stopped = new Promise<never>((_, reject) => {
      stopping.signal.addEventListener('abort', () => reject(stopping.signal.reason), { once: true });
    });
    const stop = (): void => stopping.abort(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
    clock.sleep(limitMs, over.signal).then(
      () => {
        if (pace?.usual != null) pace.usual /= 2;
        const detail = `no answer within ${Math.round(limitMs / 1000)} seconds`;
        stopping.abort(new CofferError('store.failed', { store: store.url, detail }));
      },
      () => {}, // over in time
    );
    const answer = call(stopping.signal);
    answer.catch(() => {}); // perhaps long after nobody waits any more
    stopped.catch(() => {});
    try {
      const given = await Promise.race([answer, stopped]);
      if (pace !== undefined && bytes >= tellingBytes) {
        pace.usual = withNext(pace.usual, (bytes / Math.max(1, clock.monotonic() - beganMs)) * 1000);
      }
      return given;
    } finally {
      over.abort();
      signal?.removeEventListener('abort', stop);
    }
  };
  const transfer = (pace: Pace, bytes: number) => ({
    limitMs: requestMs + (bytes / leastRate(pace.usual, bytesPerSecondLeast)) * 1000,
    bytes,
    pace,
  });
  const request = { limitMs: requestMs };
  const sync = { limitMs: requestMs * syncFactor };

  /** Each step has its time; how many there are nobody knows. */
  async function* listing<T>(open: (signal: AbortSignal) => AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
    const ending = new AbortController();
    const items = open(signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]));
    const steps = items[Symbol.asyncIterator]();
    try {
      for (;;) {
        const step = await within(request, () => steps.next(), signal);
        if (step.done) return;
        yield step.value;
      }
    } finally {
      ending.abort();
      steps.return?.()?.catch(() => {}); // not awaited: a step that hangs would hold it
    }
  }

  return {
    ...store,
    list: (prefix, signal) => listing((inner) => store.list(prefix, inner), signal),
    listKeys: (prefix, signal) => listing((inner) => store.listKeys(prefix, inner), signal),
    get: (key, range, signal) => {
      const about =
        range === undefined ? { limitMs: transfer(fetching, wholeBytes).limitMs } : transfer(fetching, range.length);
      return within(about, (inner) => store.get(key, range, inner), signal);
    },
    stat: (key, signal) => within(request, (inner) => store.stat(key, inner), signal),
    put: (key, bytes, signal) =>
      within(transfer(sending, bytes.length), (inner) => store.put(key, bytes, inner), signal),
    adopt: async (key, path, signal) =>
      within(transfer(sending, sizeOf(path)), (inner) => store.adopt(key, path, inner), signal),
    flush: (signal) => within(sync, (inner) => store.flush(inner), signal),
    settle: (signal) => within(sync, (inner) => store.settle(inner), signal),
    delete: (key, signal) => within(request, (inner) => store.delete(key, inner), signal),
    prepareSpool: (owner, staleMs) => within(request, () => store.prepareSpool(owner, staleMs)),
    close: () => within(request, () => store.close()),
  };
}

/** The newest transfers count most, and a slow one more than a quick one: giving up too soon sends all of it again. */
function withNext(usual: number | null, rate: number): number {
  if (usual === null) return rate;
  return usual + (rate - usual) * (rate < usual ? 0.5 : 0.2);
}
