import { type Reason, reason, type SpanOfDay } from '../../contract/index.ts';
import { localMinuteOfDay, nextLocalMinute, type OffsetMinutes } from './local-time.ts';
import { pausedBecause } from './pause.ts';
import type { Situation } from './types.ts';

/**
 * What keeps any run from beginning now, and asks one under way to stop (unless it was begun "anyway"): the person's pause,
 * then the person's policies, then the world. Null when nothing does.
 */
export function forbids(situation: Situation): Reason | null {
  return (
    pausedBecause(situation) ?? forbiddenByPower(situation) ?? forbiddenByNetwork(situation) ?? quietNow(situation)
  );
}

function forbiddenByPower({ power, policies }: Situation): Reason | null {
  if (!power.onBattery) return null;
  const { percent } = power;
  if (!policies.onBattery) return reason('wait.onBattery', percent === null ? {} : { percent });
  const percentMin = policies.batteryPercentMin;
  // A system that does not tell the percentage must not keep backups from running for ever.
  if (percent === null || percentMin === null || percent >= percentMin) return null;
  return reason('wait.battery', { percent, percentMin });
}

function forbiddenByNetwork({ needsNetwork, network, policies }: Situation): Reason | null {
  if (!needsNetwork) return null;
  if (!network.online) return reason('wait.network');
  return network.metered && !policies.onMetered ? reason('wait.metered') : null;
}

function quietNow({ policies, nowMs, localOffsetMinutes }: Situation): Reason | null {
  const { quietHours } = policies;
  if (spanAt(quietHours, nowMs, localOffsetMinutes) === undefined) return null;
  const untilMs = endOfQuiet(quietHours, nowMs, localOffsetMinutes);
  return reason('wait.quietHours', untilMs === null ? {} : { untilMs });
}

/** Where spans overlap or touch, the end of the last; null when they fill the day. */
function endOfQuiet(spans: readonly SpanOfDay[], nowMs: number, offset: OffsetMinutes): number | null {
  let atMs = nowMs;
  // Each span ends once a day, so after so many ends every one of them has been passed.
  for (let ends = 0; ends <= spans.length; ends += 1) {
    const span = spanAt(spans, atMs, offset);
    if (span === undefined) return atMs;
    atMs = nextLocalMinute(span.toMinute, atMs, offset);
  }
  return null;
}

function spanAt(spans: readonly SpanOfDay[], wallMs: number, offset: OffsetMinutes): SpanOfDay | undefined {
  const minute = localMinuteOfDay(wallMs, offset);
  return spans.find(({ fromMinute, toMinute }) =>
    // From 22:00 to 6:00 passes midnight. A span without length is none: read as a whole day it would silence backups for good.
    fromMinute <= toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute,
  );
}
