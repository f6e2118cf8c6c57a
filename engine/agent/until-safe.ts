import type { Core } from './core.ts';
import { dirtyOf } from './exposed.ts';
import { dirtSpan, type Keeper } from './keeper.ts';

/** Events of changes made before the call arrive within this. */
const settleMs = 300;
const lookEveryMs = 50;

/**
 * True once everything that changed before the call is confirmed at every place. Where no events tell of changes, only a run
 * that began after the call and looked everywhere can know it; it is asked for.
 */
export async function waitUntilSafe(core: Core, timeoutMs: number): Promise<boolean> {
  const { clock } = core.ports;
  const calledMs = clock.monotonic();
  const giveUpMs = calledMs + timeoutMs;
  const isBlind = !core.isStarted || core.sources.some(({ id }) => core.modeOf(id) !== 'events');
  if (isBlind) for (const keeper of core.keepers) keeper.asked ??= { anyway: false };
  core.nudge();
  await clock.sleep(Math.min(settleMs, timeoutMs));
  for (;;) {
    if (core.keepers.length > 0 && core.keepers.every((keeper) => isSafe(core, keeper, isBlind ? calledMs : null)))
      return true;
    if (clock.monotonic() >= giveUpMs) return false;
    await clock.sleep(lookEveryMs);
  }
}

/** `sinceMs`: a whole scan must have begun after it. */
function isSafe(core: Core, keeper: Keeper, sinceMs: number | null): boolean {
  if (core.sources.length === 0 || keeper.wholeScan === null || keeper.trouble !== null) return false;
  if (sinceMs !== null && keeper.wholeScan.beganMs < sinceMs) return false;
  return core.run?.keeper !== keeper && dirtSpan(dirtyOf(core, keeper)) === null;
}
