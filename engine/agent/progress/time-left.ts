import type { RunState } from '../../contract/index.ts';
import { createSpeed } from './speed.ts';

type Now = {
  readonly doneBytes: number;
  readonly bytesLeft: number;
  readonly scanning: boolean;
  readonly monotonicMs: number;
};

/** Before so much time has passed since the scan a guess is worth nothing. */
const guessAfterMs = 2_000;
/** Even where both speeds agree the future may not. */
const doubt = 0.15;
/** A range wider than this says nothing: the run stands still, or has hardly begun. */
const widest = 20;

/**
 * Guesses the seconds left from two speeds: the mean since the scan ended, and that of the last seconds. Null while that
 * cannot be known: while it scans nobody knows how much there is.
 */
export function timeLeft(): (now: Now) => RunState['secondsLeft'] {
  const recent = createSpeed({ memoryMs: 10_000, stepMs: 500 });
  let start: { readonly doneBytes: number; readonly atMs: number } | null = null;
  return ({ doneBytes, bytesLeft, scanning, monotonicMs }) => {
    if (scanning) return null;
    start ??= { doneBytes, atMs: monotonicMs };
    recent.update(doneBytes, monotonicMs);
    if (bytesLeft <= 0) return { least: 0, most: 0 };
    const passedMs = monotonicMs - start.atMs;
    if (passedMs < guessAfterMs) return null;
    const mean = ((doneBytes - start.doneBytes) / passedMs) * 1000;
    const slow = Math.min(mean, recent.bytesPerSecond());
    const quick = Math.max(mean, recent.bytesPerSecond());
    if (slow <= 0 || quick > slow * widest) return null;
    return {
      least: Math.floor((bytesLeft / quick) * (1 - doubt)),
      most: Math.ceil((bytesLeft / slow) * (1 + doubt)),
    };
  };
}
