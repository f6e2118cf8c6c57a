import { describe, expect, test } from 'vitest';
import { decide, forbids, holdPause, type Situation } from '../../../../engine/agent/schedule/index.ts';
import { type Policies, reason } from '../../../../engine/contract/index.ts';
import { calm, changed, freely, hour, minute, ranAgo, second, utc } from './situation.ts';

const due = changed(hour);
const unplugged = { power: { onBattery: true, percent: 18 } };
const at = (hours: number, minutes = 0): number => hours * 60 + minutes;
const quiet = (...quietHours: { fromMinute: number; toMinute: number }[]) => ({ policies: { ...freely, quietHours } });
const wifi = (kind: 'only' | 'never', ...names: string[]): Policies => ({ ...freely, wifi: { kind, names } });
const onWifi = (name: string, policies: Policies): Partial<Situation> => ({
  needsNetwork: true,
  wifi: { kind: 'named', name },
  policies,
});
const untilResumed = { until: 'resumed', untilMs: null, endsMs: null } as const;

const whatForbids: readonly [string, ReturnType<typeof reason> | null, Partial<Situation>][] = [
  ['nothing', null, {}],
  [
    'little battery',
    reason('wait.battery', { percent: 18, percentMin: 20 }),
    { ...unplugged, policies: { ...freely, batteryPercentMin: 20 } },
  ],
  ['not as much battery as is asked for', null, { ...unplugged, policies: { ...freely, batteryPercentMin: 18 } }],
  [
    'not a battery of which nothing is known',
    null,
    { power: { onBattery: true, percent: null }, policies: { ...freely, batteryPercentMin: 20 } },
  ],
  [
    'not little battery on mains',
    null,
    { power: { onBattery: false, percent: 3 }, policies: { ...freely, batteryPercentMin: 20 } },
  ],
  [
    'any battery',
    reason('wait.onBattery', { percent: 18 }),
    { ...unplugged, policies: { ...freely, onBattery: false, batteryPercentMin: 20 } },
  ],
  ['no network', reason('wait.network'), { needsNetwork: true, network: { online: false, metered: false } }],
  [
    'not a network that is not needed',
    null,
    { network: { online: false, metered: true }, policies: { ...freely, onMetered: false } },
  ],
  [
    'a metered network',
    reason('wait.metered'),
    { needsNetwork: true, network: { online: true, metered: true }, policies: { ...freely, onMetered: false } },
  ],
  ['not a metered network that is allowed', null, { needsNetwork: true, network: { online: true, metered: true } }],
  [
    'a Wi-Fi that was forbidden',
    reason('wait.wifi', { policy: 'never', wifi: 'Phone' }),
    onWifi('Phone', wifi('never', 'Phone', 'Caf\u00e9')),
  ],
  ['not another Wi-Fi', null, onWifi('Home', wifi('never', 'Phone'))],
  [
    'a Wi-Fi that was not chosen',
    reason('wait.wifi', { policy: 'only', wifi: 'Train' }),
    onWifi('Train', wifi('only', 'Home')),
  ],
  ['not one that was chosen', null, onWifi('Home', wifi('only', 'Work', 'Home'))],
  ['not one that is spelt with other letters of Unicode', null, onWifi('Cafe\u0301', wifi('only', 'Caf\u00e9'))],
  [
    'a Wi-Fi of other letters',
    reason('wait.wifi', { policy: 'only', wifi: 'home' }),
    onWifi('home', wifi('only', 'Home')),
  ],
  ['not a cable', null, { needsNetwork: true, policies: wifi('only', 'Home') }],
  [
    'not the Wi-Fi of a place that needs no network',
    null,
    { wifi: { kind: 'named', name: 'Phone' }, policies: wifi('never', 'Phone') },
  ],
  [
    'a Wi-Fi without a known name where only some are allowed',
    reason('wait.wifi', { policy: 'only' }),
    { needsNetwork: true, wifi: { kind: 'unknown' }, policies: wifi('only', 'Home') },
  ],
  [
    'not a Wi-Fi without a known name where only some are forbidden',
    null,
    { needsNetwork: true, wifi: { kind: 'unknown' }, policies: wifi('never', 'Phone') },
  ],
  [
    'a Wi-Fi whose name is being asked for',
    reason('wait.wifi', { policy: 'never' }),
    { needsNetwork: true, wifi: { kind: 'asking' }, policies: wifi('never', 'Phone') },
  ],
  ['not any Wi-Fi where none was named', null, { needsNetwork: true, wifi: { kind: 'unknown' } }],
  // It is 11:00 in Berlin.
  [
    'quiet hours',
    reason('wait.quietHours', { untilMs: utc('2026-11-21 11:30') }),
    quiet({ fromMinute: at(11), toMinute: at(12, 30) }),
  ],
  ['not quiet hours that end now', null, quiet({ fromMinute: at(9), toMinute: at(11) })],
  [
    'quiet hours past midnight',
    reason('wait.quietHours', { untilMs: utc('2026-11-22 05:00') }),
    { ...quiet({ fromMinute: at(22), toMinute: at(6) }), nowMs: utc('2026-11-21 21:00') },
  ],
  [
    'quiet hours past midnight, after midnight',
    reason('wait.quietHours', { untilMs: utc('2026-11-22 05:00') }),
    { ...quiet({ fromMinute: at(22), toMinute: at(6) }), nowMs: utc('2026-11-22 04:59') },
  ],
  [
    'quiet hours that follow each other',
    reason('wait.quietHours', { untilMs: utc('2026-11-21 15:00') }),
    quiet({ fromMinute: at(12), toMinute: at(16) }, { fromMinute: at(10), toMinute: at(12) }),
  ],
  ['quiet hours all day', reason('wait.quietHours'), quiet({ fromMinute: 0, toMinute: at(24) })],
  ['not quiet hours without length', null, quiet({ fromMinute: at(11), toMinute: at(11) })],
  [
    'quiet hours over the hour that comes twice',
    reason('wait.quietHours', { untilMs: utc('2026-10-25 05:00') }),
    { ...quiet({ fromMinute: at(22), toMinute: at(6) }), nowMs: utc('2026-10-24 21:00') },
  ],
  [
    'quiet hours over the hour that is skipped',
    reason('wait.quietHours', { untilMs: utc('2026-03-29 04:00') }),
    { ...quiet({ fromMinute: at(22), toMinute: at(6) }), nowMs: utc('2026-03-28 22:00') },
  ],
  ['the person', reason('paused.person', { until: 'resumed' }), { pause: untilResumed }],
];

describe('what forbids a run', () => {
  test.each(whatForbids)('%s', (_, expected, change) => {
    const situation = calm({ ...due, ...change });
    expect(forbids(situation)).toEqual(expected);
    expect(decide(situation)).toMatchObject(expected === null ? { kind: 'run' } : { kind: 'wait', reason: expected });
    expect(decide({ ...situation, asked: { anyway: true } })).toMatchObject({
      kind: 'run',
      reason: { code: 'run.asked' },
    });
    expect(decide({ ...situation, asked: { anyway: false } })).toMatchObject(
      expected === null ? { kind: 'run', reason: { code: 'run.asked' } } : { kind: 'wait', reason: expected },
    );
  });

  test('nobody waits for a policy when nothing is due', () => {
    const policies = { ...freely, onBattery: false };
    expect(decide(calm({ ...unplugged, policies }))).toMatchObject({ kind: 'idle' });
    expect(decide(calm({ ...unplugged, policies, ...changed(second) }))).toMatchObject({
      reason: { code: 'wait.onBattery' },
    });
  });

  test('who asks need not wait for quiet, spacing or failures', () => {
    const hurried = calm({ ...changed(second), ...ranAgo(second, minute, 9), asked: { anyway: false } });
    expect(decide(hurried)).toMatchObject({ kind: 'run', whole: true });
  });

  test('nothing runs where something is missing, even anyway', () => {
    const ready = reason('wait.placeMissing', { place: 1 });
    expect(decide(calm({ ...due, ready, asked: { anyway: true } }))).toMatchObject({ kind: 'wait', reason: ready });
  });

  test('a pause is told before a missing drive, and after what needs the person', () => {
    const pause = untilResumed;
    expect(decide(calm({ pause, ready: reason('wait.placeMissing') }))).toMatchObject({
      reason: { code: 'paused.person' },
    });
    expect(decide(calm({ pause, ready: reason('attention.locked') }))).toMatchObject({
      reason: { code: 'attention.locked' },
    });
  });
});

describe('a pause', () => {
  const start = { nowMs: calm().nowMs, monotonicMs: calm().monotonicMs };
  const untilMs = start.nowMs + hour;
  const pause = holdPause({ until: 'time', untilMs }, { ...start, askedMs: start.nowMs });
  const codeAfter = (wallMs: number, monotonicMs: number): string | undefined => {
    const later = calm({ pause, nowMs: start.nowMs + wallMs, monotonicMs: start.monotonicMs + monotonicMs });
    return forbids(later)?.code;
  };

  test('ends at its time', () => {
    expect(codeAfter(hour - 1, hour - 1)).toBe('paused.person');
    expect(codeAfter(hour, hour)).toBeUndefined();
  });

  test('ends at its time while the computer slept', () => expect(codeAfter(hour, minute)).toBeUndefined());

  test('is not prolonged by a clock that is set back', () => {
    expect(codeAfter(-10 * hour, hour - 1)).toBe('paused.person');
    expect(codeAfter(-10 * hour, hour)).toBeUndefined();
  });

  test('found by an agent that starts lasts as long as was chosen at most', () => {
    const restart = { nowMs: start.nowMs - 10 * hour, monotonicMs: 5, askedMs: start.nowMs };
    expect(holdPause({ until: 'time', untilMs }, restart).endsMs).toBe(5 + hour);
    const later = { nowMs: start.nowMs + 20 * minute, monotonicMs: 5, askedMs: start.nowMs };
    expect(holdPause({ until: 'time', untilMs }, later).endsMs).toBe(5 + 40 * minute);
  });

  test('until power ends on mains', () => {
    const untilPower = { until: 'power', untilMs: null, endsMs: null } as const;
    expect(forbids(calm({ pause: untilPower, ...unplugged }))?.context).toEqual({ until: 'power' });
    expect(forbids(calm({ pause: untilPower }))).toBeNull();
  });

  test('tells when it ends, and is looked at again meanwhile', () => {
    expect(decide(calm({ pause }))).toMatchObject({
      kind: 'wait',
      nextRunMs: untilMs,
      untilMs: start.monotonicMs + minute,
      reason: { context: { until: 'time', untilMs } },
    });
  });
});
