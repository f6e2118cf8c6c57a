import { type Core, missingFor } from './core.ts';
import { dirtSpan, type Keeper } from './keeper.ts';
import type { Situation } from './schedule/index.ts';

/** Everything the decision about a place depends on, as it is now. */
export function situationOf(core: Core, keeper: Keeper): Situation {
  const { ports, settings, pause, wokeMs, journal } = core;
  const { clock, power, network } = ports;
  const { place, lastRun, wholeScan, asked, deferral } = keeper;
  const needsNetwork = ports.needsNetwork?.(place.url) ?? false;
  return {
    nowMs: clock.now(),
    monotonicMs: clock.monotonic(),
    localOffsetMinutes: ports.localOffsetMinutes,
    schedule: settings.schedule,
    policies: settings.policies,
    pause,
    dirty: dirtSpan(keeper.dirt.values()),
    lastRun,
    slotDoneMs: later(journal.due.last(slotName(place.id)), deferral?.wholeMs ?? null),
    wholeScan,
    wokeMs,
    watched: core.sources.every(({ id }) => !['scanning', 'starting'].includes(core.modeOf(id))),
    hasRunBefore: journal.runs.latestDone(place.id) !== null,
    asked,
    goesOn: deferral,
    power: power.read(),
    network: network.read(),
    needsNetwork,
    wifi: needsNetwork && settings.policies.wifi !== null ? network.wifi() : { kind: 'none' },
    running: core.run !== null,
    ready: missingFor(core, keeper),
  };
}

/** A slot that is being dealt with is not due once more. */
function later(left: number | null, right: number | null): number | null {
  return left === null || right === null ? (left ?? right) : Math.max(left, right);
}

/** Under which the journal knows when a place's last slot was dealt with. */
export const slotName = (place: number): string => `slot.${place}`;
