import type { Core } from './core.ts';
import { dirtyOf } from './exposed.ts';
import { dirtSpan, type Keeper } from './keeper.ts';

/** Events of changes made before the call arrive within this. */
const settleMs = 300;
const lookEveryMs = 50;

/**
 * True once everything that changed before the call is confirmed at every place. Where no events tell of changes, only a run
 * that began after the call and looked everywhere can know it; it is asked for. False when the time is over, when the agent
 * ends, and when all has been looked at and some files could not be read: waiting longer would not help them.
 */
export async function waitUntilSafe(core: Core, timeoutMs: number): Promise<boolean> {
  const { closing, ports } = core;
  const { clock } = ports;
  const rest = (ms: number): Promise<void> => clock.sleep(ms, closing).catch(() => {});
  const calledMs = clock.monotonic();
  const giveUpMs = calledMs + timeoutMs;
  const isBlind = !core.isStarted || core.sources.some(({ id }) => core.modeOf(id) !== 'events');
  if (isBlind) for (const keeper of core.keepers) keeper.asked ??= { anyway: false };
  core.nudge();
  await rest(Math.min(settleMs, timeoutMs));
  while (!closing.aborted) {
    if (core.keepers.length > 0 && core.keepers.every((keeper) => hasAll(core, keeper, isBlind ? calledMs : null)))
      return core.failures.length === 0;
    if (clock.monotonic() >= giveUpMs) return false;
    await rest(lookEveryMs);
  }
  return false;
}

/** All that could be read. `sinceMs`: a whole scan must have begun after it. */
function hasAll(core: Core, keeper: Keeper, sinceMs: number | null): boolean {
  const { wholeScan, trouble } = keeper;
  if (core.sources.length === 0 || wholeScan === null || trouble !== null) return false;
  // What changed before the computer slept, and was not heard, only a look after it finds.
  if (wholeScan.beganMs < Math.max(sinceMs ?? 0, core.wokeMs ?? 0)) return false;
  return core.run?.keeper !== keeper && keeper.deferral === null && dirtSpan(dirtyOf(core, keeper)) === null;
}
