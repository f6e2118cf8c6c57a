import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { assert } from '../base/index.ts';
import { failureFromWire } from './failure.ts';
import type { Pace } from './pace.ts';
import type { FromWorker, Labour, MakeLabour, ToWorker } from './protocol.ts';
import { perform } from './worker.ts';

/** Names of jobs with what goes in and what comes out. */
export type JobTypes = Readonly<Record<string, { readonly in: unknown; readonly out: unknown }>>;

export type Pool<Jobs extends JobTypes> = {
  readonly size: number;
  /** Runs a job on the worker with the least to do, or on a given one. */
  run<Name extends keyof Jobs & string>(
    name: Name,
    input: Jobs[Name]['in'],
    options?: { readonly worker?: number; readonly transfer?: readonly ArrayBuffer[] },
  ): Promise<Jobs[Name]['out']>;
  /** To every worker; each hears it before any job given later. */
  broadcast(message: unknown): void;
  /** Jobs given and not yet done. */
  readonly waiting: number;
  end(): Promise<void>;
};

export type PoolOptions<Data> = {
  readonly size: number;
  /** What workers are made from. They start and load their code at once, also while this is not known yet. */
  readonly data: Data | Promise<Data>;
  readonly onEvent: (event: unknown, worker: number) => void;
  /** How much the threads give way; nothing unless it is said. */
  readonly pace?: Pace;
};

type Waiting = {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly worker: number;
};

/** One reads while the other waits for the disk. */
const workersLeast = 2;

/**
 * One core is left for the person, and at a gentle pace most of them. Without threads always as many, so that a simulated run is
 * the same on every computer.
 */
export function workerCount(threads: boolean, pace: Pace = 'full'): number {
  if (!threads || pace === 'gentle') return workersLeast;
  return Math.min(Math.max(workersLeast, availableParallelism() - 1), 16);
}

/** Worker threads that run `entry` (a file that calls `serve`). */
export function createPool<Jobs extends JobTypes, Data>(entry: URL, options: PoolOptions<Data>): Pool<Jobs> {
  const waiting = new Map<number, Waiting>();
  const load: number[] = new Array<number>(options.size).fill(0);
  const latest: number[] = new Array<number>(options.size).fill(0);
  let nextTicket = 1;
  let broken: Error | null = null;

  const fail = (error: Error): void => {
    broken ??= error;
    for (const job of waiting.values()) job.reject(broken);
    waiting.clear();
  };
  const hear = (worker: number, message: FromWorker): void => {
    if (message.kind === 'event') return options.onEvent(message.event, worker);
    const job = waiting.get(message.ticket);
    if (job === undefined) return;
    waiting.delete(message.ticket);
    load[worker] = (load[worker] ?? 1) - 1;
    if (message.kind === 'done')
      job.resolve(message.output as never); // typed by Jobs
    else job.reject(failureFromWire(message.failure));
  };
  const gone: Promise<void>[] = [];
  const threads = load.map((_, worker) => {
    const thread = new Worker(entry, {
      workerData: { worker, pace: options.pace ?? 'full' },
      stdout: false,
      stderr: false,
    });
    thread.on('message', (message: FromWorker) => hear(worker, message));
    thread.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
    thread.on('exit', (code) => {
      if (code !== 0 || waiting.size > 0) fail(new Error(`a worker ended with code ${code}`));
    });
    // From the start, because a worker may end before it is asked to.
    gone.push(new Promise((resolve) => thread.once('exit', () => resolve())));
    return thread;
  });
  const post = (worker: number, message: ToWorker, transfer: readonly ArrayBuffer[] = []): void => {
    threads[worker]?.postMessage(message, [...transfer]);
  };
  const setUp = (data: Data): void => {
    for (let worker = 0; worker < options.size; worker++) post(worker, { kind: 'setup', data });
  };
  if (options.data instanceof Promise) options.data.then(setUp, fail);
  else setUp(options.data);
  return {
    size: options.size,
    run(name, input, { worker = leastLoaded(load, latest), transfer } = {}) {
      if (broken !== null) return Promise.reject(broken);
      assert(worker < options.size, 'no such worker');
      const ticket = nextTicket++;
      load[worker] = (load[worker] ?? 0) + 1;
      latest[worker] = ticket;
      return new Promise((resolve, reject) => {
        waiting.set(ticket, { resolve, reject, worker });
        post(worker, { kind: 'job', ticket, name, input }, transfer);
      });
    },
    broadcast(message) {
      for (let worker = 0; worker < options.size; worker++) post(worker, { kind: 'broadcast', message });
    },
    get waiting() {
      return waiting.size;
    },
    async end() {
      for (let worker = 0; worker < options.size; worker++) post(worker, { kind: 'end' });
      await Promise.all(gone);
    },
  };
}

/** The same without threads, on the caller's own ports: for tests with simulated stores and file systems. */
export function createInlinePool<Jobs extends JobTypes, Data>(
  makeLabour: MakeLabour<Data>,
  options: PoolOptions<Data>,
): Pool<Jobs> {
  const labours: Promise<Labour>[] = Array.from({ length: options.size }, (_, worker) =>
    Promise.resolve(options.data).then((data) => makeLabour(data, worker, (event) => options.onEvent(event, worker))),
  );
  const turns: Promise<unknown>[] = labours.map((labour) => labour);
  let isKnown = !(options.data instanceof Promise);
  Promise.resolve(options.data).then(
    () => {
      isKnown = true;
    },
    () => {},
  );
  for (const labour of labours) labour.catch(() => {}); // whoever gives a job hears of it
  const load: number[] = labours.map(() => 0);
  const latest: number[] = labours.map(() => 0);
  let given = 0;
  let waiting = 0;
  const inTurn = <T>(worker: number, action: (labour: Labour) => Promise<T>): Promise<T> => {
    const labour = labours[worker];
    assert(labour !== undefined, 'no such worker');
    const result = (turns[worker] ?? Promise.resolve()).catch(() => {}).then(async () => action(await labour));
    turns[worker] = result;
    return result;
  };
  return {
    size: options.size,
    async run(name, input, { worker = leastLoaded(load, latest) } = {}) {
      waiting++;
      load[worker] = (load[worker] ?? 0) + 1;
      latest[worker] = ++given;
      try {
        return (await inTurn(worker, (labour) => perform(labour, name, input))).output as never; // typed by Jobs
      } finally {
        waiting--;
        load[worker] = (load[worker] ?? 1) - 1;
      }
    },
    broadcast(message) {
      for (let worker = 0; worker < options.size; worker++) {
        inTurn(worker, async (labour) => labour.hear(message)).catch(() => {});
      }
    },
    get waiting() {
      return waiting;
    },
    async end() {
      if (!isKnown) return;
      for (let worker = 0; worker < options.size; worker++) await inTurn(worker, async (labour) => labour.end());
    },
  };
}

/** Among workers with equally many jobs the one that was given its last job first: it will be done first. */
function leastLoaded(load: readonly number[], latest: readonly number[]): number {
  let best = 0;
  for (let worker = 1; worker < load.length; worker++) {
    const more = (load[worker] ?? 0) - (load[best] ?? 0);
    if (more < 0 || (more === 0 && (latest[worker] ?? 0) < (latest[best] ?? 0))) best = worker;
  }
  return best;
}
