import { type Core, missingFor } from './core.ts';
import { dirtSpan, type Keeper } from './keeper.ts';
import type { Situation } from './schedule/index.ts';

/** Everything the decision about a place depends on, as it is now. */
export function situationOf(core: Core, keeper: Keeper): Situation {
  const { ports, settings, pause, wokeMs, journal } = core;
  const { clock, power, network } = ports;
  const { place, lastRun, wholeScan, asked } = keeper;
  return {
    nowMs: clock.now(),
    monotonicMs: clock.monotonic(),
    localOffsetMinutes: ports.localOffsetMinutes,
    schedule: settings.schedule,
    policies: settings.policies,
    pause,
    dirty: dirtSpan(keeper.dirt.values()),
    lastRun,
    slotDoneMs: journal.due.last(slotName(place.id)),
    wholeScan,
    wokeMs,
    watched: core.sources.every(({ id }) => core.modeOf(id) !== 'scanning'),
    hasRunBefore: journal.runs.latestDone(place.id) !== null,
    asked,
    power: power.read(),
    network: network.read(),
    // Every place so far is a folder.
    needsNetwork: false,
    running: core.run !== null,
    ready: missingFor(core, keeper),
  };
}

/** Under which the journal knows when a place's last slot was dealt with. */
export const slotName = (place: number): string => `slot.${place}`;
