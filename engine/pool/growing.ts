import type { JobTypes, Pool } from './pool.ts';

export type GrowingOptions<Jobs extends JobTypes> = {
  /** Workers on the caller's thread. */
  readonly here: Pool<Jobs>;
  readonly startThreads: () => Pool<Jobs>;
  /** Asked once for each job until it says no: whether the caller's thread may do it too. */
  readonly isLight: (name: keyof Jobs & string, input: unknown) => boolean;
};

/**
 * Begins on the caller's own thread, and starts threads once there is more to do; what comes then is for them. For work that
 * is mostly little: two threads take 0.3 s of processor time and 70 MB to start, saving one file takes neither.
 *
 * The workers of `here` come first in the count, the threads behind them.
 */
export function createGrowingPool<Jobs extends JobTypes>(options: GrowingOptions<Jobs>): Pool<Jobs> {
  const { here, startThreads, isLight } = options;
  const heard: unknown[] = [];
  let threads: Pool<Jobs> | null = null;
  let isEnded = false;

  const grow = (): Pool<Jobs> => {
    if (threads !== null) return threads;
    // What a run that was stopped still asks for: nobody would end these threads.
    if (isEnded) throw new Error('the pool has ended');
    threads = startThreads();
    for (const message of heard) threads.broadcast(message);
    return threads;
  };
  return {
    get size() {
      return here.size + (threads?.size ?? 0);
    },
    async run(name, input, given = {}) {
      const { worker } = given;
      const isHere = worker === undefined ? threads === null && isLight(name, input) : worker < here.size;
      if (isHere) return here.run(name, input, given);
      return grow().run(name, input, worker === undefined ? given : { ...given, worker: worker - here.size });
    },
    broadcast(message) {
      heard.push(message);
      here.broadcast(message);
      threads?.broadcast(message);
    },
    get waiting() {
      return here.waiting + (threads?.waiting ?? 0);
    },
    async end() {
      isEnded = true;
      await Promise.all([here.end(), threads?.end()]);
    },
  };
}
