import type { Situation } from '../../../../engine/agent/schedule/index.ts';

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** Minutes by which Berlin is ahead of UTC: an hour, and two from the last Sunday of March to that of October, 1:00 UTC. */
export function berlin(wallMs: number): number {
  const year = new Date(wallMs).getUTCFullYear();
  return wallMs >= lastSunday(year, 2) && wallMs < lastSunday(year, 9) ? 120 : 60;
}

const lastSundays = new Map<number, number>();

function lastSunday(year: number, month: number): number {
  const known = lastSundays.get(year * 12 + month);
  if (known !== undefined) return known;
  const end = new Date(Date.UTC(year, month + 1, 0));
  const found = Date.UTC(year, month, end.getUTCDate() - end.getUTCDay(), 1);
  lastSundays.set(year * 12 + month, found);
  return found;
}

/** The wall time of `2026-11-21 10:00` in UTC. */
export const utc = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);

export const continuous = { kind: 'continuous', quietSeconds: 5, exposureMinutes: 15 } as const;
export const freely = {
  batteryPercentMin: null,
  onBattery: true,
  onMetered: true,
  wifi: null,
  quietHours: [],
  bandwidth: { limits: [], otherwise: null },
} as const;

/** Nothing has changed, nothing is in the way; process time 1,000,000, a whole scan an hour ago. */
export function calm(change: Partial<Situation> = {}): Situation {
  const nowMs = utc('2026-11-21 10:00');
  return {
    nowMs,
    monotonicMs: 1_000_000 * second,
    localOffsetMinutes: berlin,
    schedule: continuous,
    policies: freely,
    pause: null,
    dirty: null,
    lastRun: { endedMs: 1_000_000 * second - hour, tookMs: second, failedInARow: 0, random: 0.5 },
    slotDoneMs: nowMs - hour,
    wholeScan: { beganMs: 1_000_000 * second - hour, beganWallMs: nowMs - hour },
    wokeMs: null,
    watched: true,
    hasRunBefore: true,
    asked: null,
    goesOn: null,
    power: { onBattery: false, percent: 80 },
    network: { online: true, metered: false },
    needsNetwork: false,
    wifi: { kind: 'none' },
    running: false,
    ready: null,
    ...change,
  };
}

/** Dirty since so long, and quiet since so long. */
export function changed(oldestAgoMs: number, newestAgoMs = oldestAgoMs, everything = false): Pick<Situation, 'dirty'> {
  const now = calm().monotonicMs;
  return { dirty: { oldestMs: now - oldestAgoMs, newestMs: now - newestAgoMs, everything } };
}

export function ranAgo(endedAgoMs: number, tookMs: number, failedInARow = 0, random = 0): Pick<Situation, 'lastRun'> {
  return { lastRun: { endedMs: calm().monotonicMs - endedAgoMs, tookMs, failedInARow, random } };
}
