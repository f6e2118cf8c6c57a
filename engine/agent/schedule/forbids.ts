import { type Reason, reason, type SpanOfDay, type WifiPolicy } from '../../contract/index.ts';
import type { Wifi } from '../ports.ts';
import { localMinuteOfDay, nextLocalMinute, type OffsetMinutes, spanOf } from './local-time.ts';
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

function forbiddenByNetwork({ needsNetwork, network, policies, wifi }: Situation): Reason | null {
  if (!needsNetwork) return null;
  if (!network.online) return reason('wait.network');
  if (network.metered && !policies.onMetered) return reason('wait.metered');
  return policies.wifi === null ? null : forbiddenByWifi(policies.wifi, wifi);
}

/** A name that the system does not tell is none of those that were chosen, whatever they were chosen for. */
function forbiddenByWifi({ kind: policy, names }: WifiPolicy, wifi: Wifi): Reason | null {
  switch (wifi.kind) {
    case 'none':
      return null;
    case 'asking':
      return reason('wait.wifi', { policy });
    case 'unknown':
      return policy === 'only' ? reason('wait.wifi', { policy }) : null;
    case 'named': {
      const isChosen = names.some((name) => name.normalize() === wifi.name.normalize());
      return isChosen === (policy === 'only') ? null : reason('wait.wifi', { policy, wifi: wifi.name });
    }
  }
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
  return spanOf(spans, localMinuteOfDay(wallMs, offset));
}
