import { describe, expect, it } from 'vitest';
import { isCofferError } from '../../../engine/base/index.ts';
import { checkCall } from '../../../engine/contract/check-call.ts';
import { rules, sampleSettings, strangePath } from '../../support/fake-agent.ts';

function complaint(method: unknown, argument: unknown): unknown {
  try {
    checkCall(method, argument);
  } catch (error) {
    if (isCofferError(error, 'agent.badCall')) return error.context;
    throw error;
  }
  return null;
}

const { schedule, policies } = sampleSettings;

describe('calls of the agent', () => {
  const good: [string, unknown][] = [
    ['state', undefined],
    ['changeSettings', {}],
    ['changeSettings', { pace: 'gentle' }],
    [
      'changeSettings',
      { policies: { ...policies, batteryPercentMin: null, quietHours: [{ fromMinute: 0, toMinute: 1439 }] } },
    ],
    ['changeSettings', { policies: { ...policies, wifi: { kind: 'only', names: ['Home'] } } }],
    ['changeSettings', { schedule: { kind: 'times', minutes: [0, 1439], days: [0, 6] } }],
    ['addSource', { path: strangePath, rules: { ...rules, sizeMax: 5, ageMaxDays: 0.5 } }],
    ['pause', { until: 'time', untilMs: 1e12 }],
    ['pause', { until: 'power', untilMs: null }],
  ];
  it.each(good)('are taken when they are right: %s %j', (method, argument) => {
    expect(checkCall(method, argument)).toEqual({ method, argument });
  });

  const bad: [string, unknown, unknown][] = [
    ['no such method', 'format', undefined],
    ['a name that every object has', 'constructor', undefined],
    ['the prototype', '__proto__', undefined],
    ['a method that is no text', ['state'], undefined],
    ['an argument where none belongs', 'state', {}],
    ['no argument', 'why', undefined],
    ['an empty path', 'why', { path: '' }],
    ['a path that ends early', 'why', { path: '/a\0b' }],
    ['a path without end', 'why', { path: 'a'.repeat(40_000) }],
    ['one field too many', 'why', { path: '/a', also: 1 }],
    ['a prototype as field', 'why', JSON.parse('{"path":"/a","__proto__":{}}')],
    ['too many patterns', 'addSource', { path: '/a', rules: { ...rules, patterns: new Array(1001).fill('x') } }],
    ['a field without its value', 'changeSettings', { schedule: undefined }],
    ['a size below nothing', 'addSource', { path: '/a', rules: { ...rules, sizeMax: -1 } }],
    ['a number that is none', 'waitUntilSafe', { timeoutMs: Number.NaN }],
    ['a time without end', 'waitUntilSafe', { timeoutMs: Number.POSITIVE_INFINITY }],
    ['a minute that no day has', 'changeSettings', { schedule: { kind: 'times', minutes: [1440], days: [] } }],
    [
      'a rate that never ends anything',
      'changeSettings',
      { policies: { ...policies, bandwidth: { limits: [], otherwise: 1 } } },
    ],
    ['a pace that there is not', 'changeSettings', { pace: 'fast' }],
    ['a Wi-Fi without a name', 'changeSettings', { policies: { ...policies, wifi: { kind: 'only', names: [''] } } }],
    ['no Wi-Fi at all', 'changeSettings', { policies: { ...policies, wifi: { kind: 'only', names: [] } } }],
    ['two secrets', 'unlock', { url: '/a', passphrase: 'a', phrase: 'b' }],
    ['no secret', 'addPlace', { url: '/a' }],
    ['half a schedule', 'changeSettings', { schedule: { ...schedule, kind: 'times' } }],
    ['no time at all', 'changeSettings', { schedule: { kind: 'times', minutes: [], days: [] } }],
    ['a pause until no moment', 'pause', { until: 'time', untilMs: null }],
    ['a pause until two things', 'pause', { until: 'power', untilMs: 5 }],
    ['an activity list without end', 'activity', { most: 1e9, problemsOnly: false }],
  ];
  it.each(bad)('are refused for %s', (_, method, argument) => {
    expect(complaint(method, argument)).toEqual({ method: expect.any(String), detail: expect.stringMatching(/./) });
  });

  it('are refused without repeating what may be secret', () => {
    const said = JSON.stringify(complaint('unlock', { url: '/a', passphrase: ['hunter2'] }));
    expect(said).toContain('must be');
    expect(said).not.toContain('hunter2');
  });
});
