import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../engine/agent/schedule/index.ts';
import { type Judged, type Picture, standingOf } from '../../../engine/agent/standing.ts';
import { type ReasonCode, reason } from '../../../engine/contract/index.ts';

const idle: Decision = { kind: 'idle', untilMs: 1, nextRunMs: 1 };
const waits = (code: ReasonCode): Decision => ({ kind: 'wait', reason: reason(code), untilMs: 1, nextRunMs: null });
const begins: Decision = { kind: 'run', reason: reason('run.changes'), whole: false };
const working = reason('run.changes');
const exposed = (seconds: number) => ({ files: 3, bytes: 5, seconds });
const attention = (code: ReasonCode): Judged => ({ standing: 'attention', reason: reason(code) });

const fine: Judged = { standing: 'safe', reason: null };
const locked = attention('attention.locked');
const failed = attention('attention.filesFailed');
const firstRun = attention('attention.firstRun');
const sourceGone = attention('attention.sourceMissing');
const older: Judged = { standing: 'atRisk', reason: reason('risk.vaultOlder') };
const driveGone: Judged = { standing: 'waiting', reason: reason('wait.placeMissing') };
/** Of a promise of 900 seconds. */
const late = exposed(1801);
const day = exposed(86_401);

function picture(change: Partial<Picture>): Picture {
  const calm = { places: [fine], sources: [fine], run: null, decision: idle, promisedSeconds: 900 };
  return { ...calm, exposure: { files: 0, bytes: 0, seconds: 0 }, ...change };
}

describe('the whole in one word', () => {
  test.each<[string, string, Partial<Picture>]>([
    ['nothing to do', 'safe', {}],
    ['a run', 'working run.changes', { run: working }],
    ['a run that is about to begin', 'working run.changes', { decision: begins }],
    ['changes within the quiet period', 'waiting wait.quiet', { decision: waits('wait.quiet'), exposure: exposed(3) }],
    ['changes that nothing is waiting for', 'waiting', { exposure: exposed(3) }],
    ['one drive of two is away', 'waiting wait.placeMissing', { places: [fine, driveGone] }],
    [
      'one drive of two is away, a run for the other',
      'working run.changes',
      { places: [fine, driveGone], run: working },
    ],
    ['a pause', 'paused paused.person', { decision: waits('paused.person') }],
    ['a pause and changes', 'paused paused.person', { decision: waits('paused.person'), exposure: late }],
    ['a pause that was forgotten', 'atRisk risk.behind', { decision: waits('paused.person'), exposure: day }],
    ['a run in spite of a pause', 'working run.asked', { run: reason('run.asked') }],
    ['a locked place', 'attention attention.locked', { places: [locked] }],
    ['a locked place and a run', 'attention attention.locked', { places: [locked, fine], run: working }],
    [
      'a locked place and a pause',
      'attention attention.locked',
      { places: [locked], decision: waits('paused.person') },
    ],
    ['no places', 'attention attention.noPlaces', { places: [], decision: waits('attention.noPlaces') }],
    ['a file that cannot be read, and a run', 'attention attention.filesFailed', { places: [failed], run: working }],
    ['a missing folder and a file', 'attention attention.sourceMissing', { places: [failed], sources: [sourceGone] }],
    ['what helps most comes first', 'attention attention.locked', { places: [failed, locked], sources: [sourceGone] }],
    ['a first run under way', 'working run.first', { places: [firstRun], run: reason('run.first') }],
    ['a first run that waits', 'attention attention.firstRun', { places: [firstRun], decision: waits('wait.network') }],
    ['a pause before the first run', 'paused paused.person', { places: [firstRun], decision: waits('paused.person') }],
    ['an older vault', 'atRisk risk.vaultOlder', { places: [older] }],
    ['an older vault, locked, and a run', 'atRisk risk.vaultOlder', { places: [locked, older], run: working }],
    ['late', 'atRisk risk.behind', { exposure: late, decision: waits('wait.placeMissing') }],
    ['not yet late', 'waiting wait.placeMissing', { exposure: exposed(1800), decision: waits('wait.placeMissing') }],
    ['late and nothing waits', 'atRisk risk.behind', { exposure: late }],
    [
      'late and locked',
      'atRisk risk.behind',
      { exposure: late, decision: waits('attention.locked'), places: [locked] },
    ],
    ['late and a run', 'working run.changes', { exposure: late, run: working }],
    ['late and a run about to begin', 'working run.changes', { exposure: late, decision: begins }],
    ['late by the own policy', 'waiting wait.battery', { exposure: late, decision: waits('wait.battery') }],
    ['a day late by the own policy', 'atRisk risk.behind', { exposure: day, decision: waits('wait.battery') }],
    [
      'a minute at least',
      'waiting wait.quiet',
      { exposure: exposed(60), decision: waits('wait.quiet'), promisedSeconds: 0 },
    ],
    ['nothing promised', 'waiting wait.times', { exposure: day, decision: waits('wait.times'), promisedSeconds: null }],
  ])('%s: %s', (_, expected, change) => {
    const { standing, reason: why } = standingOf(picture(change));
    expect([standing, ...(why === null ? [] : [why.code])].join(' ')).toBe(expected);
  });

  test('late says by how much, and because of what', () => {
    const { reason: why } = standingOf(picture({ exposure: late, decision: waits('attention.locked') }));
    expect(why?.context).toEqual({
      files: 3,
      bytes: 5,
      seconds: 1801,
      promisedSeconds: 900,
      because: 'attention.locked',
    });
  });
});
