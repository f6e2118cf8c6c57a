import { setPriority } from 'node:os';
import process from 'node:process';

/** How much a run gives way to everything else on the computer. */
export type Pace = 'gentle' | 'normal' | 'full';

const niceness: Readonly<Record<Pace, number>> = { gentle: 19, normal: 10, full: 0 };

/** The longest rest after one job: a run that is stopped ends only after it. */
const restMostMs = 200;

/**
 * For the thread that calls it, and for good: Linux lets nobody but an administrator take niceness back. So it is for threads
 * that end with a run, and the next run may be as fast as it likes. Elsewhere niceness is of a whole process, and stays.
 */
export async function takePace(pace: Pace): Promise<void> {
  if (process.platform !== 'linux' || pace === 'full') return;
  try {
    setPriority(niceness[pace]);
  } catch {
    // The process was started with an even lower one.
  }
  // Loaded by whoever needs it: one more library call for each thread.
  if (pace === 'gentle') (await import('../filesystem/index.ts')).useIdleDisk();
}

/** Half of a gentle thread's time is nobody's, so that disks and fans have peace too. */
export const restAfter = (pace: Pace, tookMs: number): number => (pace === 'gentle' ? Math.min(tookMs, restMostMs) : 0);
