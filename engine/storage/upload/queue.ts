import { type Clock, CofferError, crashPoint, isCofferError, type Log, limits, type Random } from '../../base/index.ts';
import type { Store } from '../port.ts';
import { backoffCeilingMs } from '../with/backoff.ts';
import { bring } from './bring.ts';
import * as concurrency from './concurrency.ts';
import { createLineRate } from './line-rate.ts';
import { nextToSend, type Waiting } from './order.ts';
import * as patience from './patience.ts';
import type { Spooled, UploadRecords } from './records.ts';
import type { Spool } from './spool.ts';
import { createWaiters } from './waiters.ts';

export type UploadFigures = {
  /** What waits: in the spool and not yet confirmed. */
  readonly objects: number;
  readonly bytes: number;
  /** What the place has confirmed since the queue was opened. */
  readonly confirmedBytes: number;
};

export type Queue = {
  readonly figures: UploadFigures;
  /** What waits under this key. */
  get(key: string): Spooled | undefined;
  keys(): string[];
  add(object: Spooled): void;
  /** Resolves when so little waits that more may come. */
  room(signal?: AbortSignal): Promise<void>;
  /** Resolves when the place has confirmed all that waits now; rejects then if anything that was added is lost. */
  confirmed(signal?: AbortSignal): Promise<void>;
  /** Something that was added is lost; all else goes on. */
  readonly isDamaged: boolean;
  /** Bytes per second while anything is sent; null while too little was. */
  readonly rate: number | null;
  drop(key: string): void;
  /** Abandons whatever is under way; it waits in the spool for the next time. */
  stop(reason: unknown): void;
};

export type QueuePorts = {
  readonly place: Store;
  readonly spool: Spool;
  readonly records: UploadRecords;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly onChange: () => void;
};

type Item = Waiting & {
  readonly object: Spooled;
  isUnderWay: boolean;
  nextMs: number;
  attempts: number;
  stop: (reason: unknown) => void;
};

const retryBaseMs = 1_000;

/**
 * Sends what lies in the spool, several objects at a time, until the place has confirmed it.
 *
 *     waiting ─► sending ─► confirmed: its file and its record go
 *        ▲          │
 *        ├── failed: again after a wait drawn by chance
 *        ├── damaged: put aside. The rest goes on, and then who waits hears of it; the next run makes it anew
 *        └── parked: it failed too often, or too much failed. Nothing goes any more; the next run tries again
 *
 * The first other failure that no waiting helps ends it for all who wait: the run cannot publish, and says why.
 */
export function createQueue(ports: QueuePorts): Queue {
  const { place, spool, records, clock, random, log } = ports;
  const items = new Map<string, Item>();
  const waiters = createWaiters();
  const line = createLineRate();
  let speed = concurrency.firstConcurrency;
  let calm = patience.firstPatience;
  let confirmedBytes = 0;
  let waitingBytes = 0;
  let sequence = 0;
  let pausedUntilMs = 0;
  /** The first one is told. */
  let damage: { readonly error: unknown } | null = null;
  let alarm: { readonly atMs: number; readonly off: AbortController } | null = null;

  const enter = (object: Spooled, isLeft: boolean): void => {
    const item = { ...{ object, bytes: object.bytes, isLeft, sequence: ++sequence }, isUnderWay: false };
    items.set(object.key, { ...item, nextMs: 0, attempts: 0, stop: () => {} });
    waitingBytes += object.bytes;
    records.spooled(object);
  };
  const leave = ({ object }: Item): void => {
    items.delete(object.key);
    waitingBytes -= object.bytes;
    records.gone(object.key);
  };
  const changed = (): void => {
    waiters.look();
    ports.onChange();
  };
  const close = (error: unknown): void => {
    alarm?.off.abort();
    waiters.close(error);
    changed();
  };

  const onConfirmed = (item: Item): void => {
    crashPoint('upload.freed.before');
    spool.remove(item.object.path);
    crashPoint('upload.freed.after');
    leave(item);
    confirmedBytes += item.bytes;
    calm = patience.afterSuccess(calm);
    const isBusy =
      [...items.values()].filter(({ isUnderWay }) => isUnderWay).length >= speed.limit - 2 && items.size > 0;
    speed = concurrency.afterSuccess(speed, { bytes: item.bytes, nowMs: clock.monotonic(), isBusy });
    changed();
  };
  const onFailed = (item: Item, error: unknown, beganMs: number): void => {
    const { key } = item.object;
    const code = isCofferError(error) ? error.code : null;
    log.warn('an object was not sent', { key, attempts: item.attempts + 1, error: String(error), code });
    if (code === 'upload.damaged') {
      spool.putAside(item.object);
      damage ??= { error };
      leave(item);
      return changed();
    }
    if (code !== 'store.failed') return close(error);
    item.attempts++;
    const nowMs = clock.monotonic();
    speed = concurrency.afterFailure(speed, { beganMs, nowMs });
    const judged = patience.afterFailure(calm, { attempts: item.attempts, beganMs, nowMs });
    calm = judged.patience;
    if (judged.verdict === 'giveUp') return close(error);
    if (judged.verdict === 'park') {
      records.parked(key, code);
      const { detail } = (error as CofferError).context; // a `store.failed` as its code says
      return close(
        new CofferError('upload.parked', { store: place.url, attempts: item.attempts, detail: detail ?? '?' }, error),
      );
    }
    const waitMs = waitAfter(item.attempts);
    item.nextMs = nowMs + waitMs;
    if (patience.isProbing(calm)) pausedUntilMs = Math.max(pausedUntilMs, nowMs + waitAfter(calm.rounds));
    records.failed(key, { error: code, waitMs });
    changed();
  };
  const waitAfter = (failures: number): number =>
    random.integer(Math.floor(backoffCeilingMs(failures, { baseMs: retryBaseMs, capMs: limits.retryDelayMostMs })) + 1);

  const send = async (item: Item): Promise<void> => {
    const stopping = new AbortController();
    const beganMs = clock.monotonic();
    item.isUnderWay = true;
    item.stop = (reason) => stopping.abort(reason);
    records.sending(item.object.key);
    line.began(beganMs);
    let isSent = false;
    let failure: { readonly error: unknown } | null = null;
    try {
      const mayBeThere = item.isLeft || item.attempts > 0;
      crashPoint('upload.sent.before');
      const how = { mayBeThere, isProven: !item.isLeft, signal: stopping.signal };
      isSent = await bring({ place, spool }, item.object, how);
      crashPoint('upload.sent.after');
    } catch (error) {
      failure = { error };
    }
    item.isUnderWay = false;
    line.ended(clock.monotonic(), isSent ? item.bytes : 0);
    if (stopping.signal.aborted) return;
    if (failure === null) onConfirmed(item);
    else onFailed(item, failure.error, beganMs);
    pump();
  };
  const pump = (): void => {
    if (waiters.isClosed) return;
    const nowMs = clock.monotonic();
    if (pausedUntilMs > nowMs) return wakeAt(pausedUntilMs);
    for (;;) {
      const senders = patience.isProbing(calm) ? 1 : speed.limit;
      const next = nextToSend(items.values(), { senders, nowMs });
      if (next === null) break;
      send(next).catch(close); // a mistake of ours
    }
    const later = [...items.values()].filter(({ isUnderWay, nextMs }) => !isUnderWay && nextMs > nowMs);
    if (later.length > 0) wakeAt(Math.min(...later.map(({ nextMs }) => nextMs)));
  };
  const wakeAt = (atMs: number): void => {
    if (alarm !== null && alarm.atMs <= atMs) return;
    alarm?.off.abort();
    const mine = { atMs, off: new AbortController() };
    alarm = mine;
    clock.sleep(atMs - clock.monotonic(), mine.off.signal).then(
      () => {
        if (alarm === mine) alarm = null;
        pump();
      },
      () => {}, // an earlier one, or the end
    );
  };

  open();
  return {
    get figures() {
      return { objects: items.size, bytes: waitingBytes, confirmedBytes };
    },
    get: (key) => items.get(key)?.object,
    keys: () => [...items.keys()].sort(),
    add(object) {
      enter(object, false);
      changed();
      pump();
    },
    room: (signal) =>
      waiters.until(() => items.size === 0 || (waitingBytes <= limits.spoolBytes && spool.hasSpace), signal),
    confirmed(signal) {
      const wanted = new Set(items.keys());
      const isOver = (): boolean => {
        for (const key of wanted) if (!items.has(key)) wanted.delete(key);
        if (wanted.size === 0 && damage !== null) throw damage.error;
        return wanted.size === 0;
      };
      return waiters.until(isOver, signal);
    },
    get isDamaged() {
      return damage !== null;
    },
    get rate() {
      return line.at(clock.monotonic());
    },
    drop(key) {
      const item = items.get(key);
      if (item === undefined) return;
      item.stop(new CofferError('cancelled'));
      spool.remove(item.object.path);
      leave(item);
      changed();
    },
    stop(reason) {
      close(reason);
      for (const item of items.values()) item.stop(reason);
      records.requeue();
    },
  };

  /** The files say what waits; records without one are of the past. */
  function open(): void {
    records.requeue();
    records.unpark();
    const left = spool.list();
    const keys = new Set(left.map(({ key }) => key));
    for (const { key } of records.list()) if (!keys.has(key)) records.gone(key);
    for (const object of left) enter(object, true);
    pump();
  }
}
