import type { Pool } from '../../pool/index.ts';
import type { JobOutput } from './job.ts';
import type { RestoreJobs } from './labour.ts';
import type { Work } from './work.ts';

/** Gives jobs to workers, a few at a time, so that a stop comes quickly and no worker waits for its next job. */
export type Scheduler = {
  push(work: Work): void;
  /** Resolves when so little is waiting that more should be planned. */
  room(): Promise<void>;
  /** Resolves when everything is done; rejects with what ended the run. */
  idle(): Promise<void>;
  /** Nothing more is begun. */
  fail(error: unknown): void;
  /** Resolves when nothing runs any more, whatever became of it. */
  stopped(): Promise<void>;
};

const jobsPerWorker = 2;

export function createScheduler(pool: Pool<RestoreJobs>, onOutput: (work: Work, output: JobOutput) => void): Scheduler {
  const workers = pool.size;
  const running = new Array<number>(workers).fill(0);
  const waiting: Work[] = [];
  let active = 0;
  let failure: { readonly error: unknown } | null = null;
  let listeners: {
    readonly until: () => boolean;
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
  }[] = [];

  const wake = (): void => {
    listeners = listeners.filter(({ until, resolve, reject }) => {
      if (failure !== null) reject(failure.error);
      else if (until()) resolve();
      else return true;
      return false;
    });
  };
  const when = (until: () => boolean): Promise<void> => {
    if (failure !== null) return Promise.reject(failure.error);
    if (until()) return Promise.resolve();
    return new Promise((resolve, reject) => listeners.push({ until, resolve, reject }));
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
    wake();
  };
  let onStopped: (() => void) | null = null;

  const run = (work: Work, worker: number): void => {
    running[worker] = (running[worker] ?? 0) + 1;
    active++;
    pool
      .run(work.name, work.job, { worker })
      .then((output) => onOutput(work, output))
      .catch(fail)
      .finally(() => {
        running[worker] = (running[worker] ?? 1) - 1;
        active--;
        pump();
        wake();
        if (active === 0) onStopped?.();
      })
      .catch(fail);
  };
  const pump = (): void => {
    for (;;) {
      if (failure !== null || waiting.length === 0) return;
      let best = 0;
      for (let worker = 1; worker < workers; worker++) if ((running[worker] ?? 0) < (running[best] ?? 0)) best = worker;
      if ((running[best] ?? 0) >= jobsPerWorker) return;
      const work = waiting.shift();
      if (work !== undefined) run(work, best);
    }
  };
  return {
    push(work) {
      waiting.push(work);
      pump();
    },
    room: () => when(() => waiting.length <= workers),
    idle: () => when(() => waiting.length === 0 && active === 0),
    fail,
    stopped: () =>
      new Promise((resolve) => {
        if (active === 0) resolve();
        else onStopped = resolve;
      }),
  };
}
