import { describe, expect, test } from 'vitest';
import { type Clock, exitCodes, limits, silentLog } from '../../../engine/base/index.ts';
import { afterCrash } from '../../../engine/hosts/daemon/crash-policy.ts';
import { type Supervision, supervise } from '../../../engine/hosts/daemon/supervise.ts';
import { watchOver } from '../../../engine/hosts/daemon/watch-over.ts';
import type { AgentMessage, AgentProcess, Ending } from '../../../engine/hosts/launcher/index.ts';
import { testClock } from '../../support/clock.ts';
import { heldClock } from '../../support/held-clock.ts';

type Life = { readonly ending: Ending; readonly isReady?: boolean; readonly livesMs?: number };

const killed: Ending = { code: null, by: 'SIGKILL' };
const fault: Ending = { code: 1, by: null };

/** Agents that live as told, one after the other; the last way to live is that of all others. */
function superviseLives(lives: readonly Life[], clock: Clock & { advance(ms: number): void }) {
  const pauses: number[] = [];
  const givenUp: unknown[] = [];
  let launched = 0;
  const launch = (): AgentProcess => {
    const life = lives[Math.min(launched, lives.length - 1)];
    launched++;
    return {
      processId: launched,
      post: () => {},
      onMessage: (hear) => {
        if (life?.isReady !== false) hear({ kind: 'ready', processId: launched, socket: '' });
        return () => {};
      },
      get ended() {
        clock.advance(life?.livesMs ?? 0);
        return Promise.resolve(life?.ending ?? killed);
      },
      stop: () => {},
      kill: () => {},
    };
  };
  const sleep: Clock['sleep'] = async (ms, signal) => {
    pauses.push(ms);
    await clock.sleep(ms, signal);
  };
  const supervision: Supervision = supervise({
    ...{ launcher: { launch }, clock: { ...clock, sleep }, log: silentLog, hangMs: limits.hangMs },
    signal: new AbortController().signal,
    onGivenUp: (given) => void givenUp.push(given),
  });
  return { supervision, pauses, givenUp, launched: () => launched };
}

test('the first pause is none to speak of, the others grow from a second to a minute, and after ten crashes an hour passes', async () => {
  const crashes = Array.from({ length: 10 }, (): Life => ({ ending: killed }));
  const end: Life = { ending: { code: 0, by: null } };
  const { supervision, pauses, launched, givenUp } = superviseLives([...crashes, ...crashes, end], testClock());
  expect(await supervision.done).toEqual({ kind: 'ended', code: 0 });
  const growing = [0.2, 1, 2, 4, 8, 16, 32, 60, 60];
  expect(pauses.map((ms) => ms / 1000)).toEqual([...growing, 3600, ...growing, 3600]);
  expect([launched(), supervision.restarts]).toEqual([21, 20]);
  expect(givenUp).toEqual([{ crashes: 10, last: killed }, null, { crashes: 10, last: killed }, null]);
});

test('a crash now and then is forgotten after ten minutes', () => {
  const minutes = (...at: number[]): number[] => at.map((minute) => minute * 60_000);
  expect(afterCrash(minutes(0, 20, 40))).toEqual({ kind: 'restart', delayMs: 200 });
  expect(afterCrash(minutes(0, 8, 12))).toEqual({ kind: 'restart', delayMs: 1000 });
  expect(afterCrash(minutes(0, ...Array.from({ length: 9 }, () => 10)))).toMatchObject({ kind: 'restart' });
});

test.each([0, 2, 7, 130])('an agent that ends with %d is not started again', async (code) => {
  const { supervision, launched } = superviseLives([{ ending: { code, by: null } }], testClock());
  expect(await supervision.done).toEqual({ kind: 'ended', code });
  expect(launched()).toBe(1);
});

test('what fails before it was ever ready is not tried again, since a person waits for the reason', async () => {
  const { supervision, launched } = superviseLives([{ ending: fault, isReady: false }], testClock());
  expect(await supervision.done).toEqual({ kind: 'ended', code: 1 });
  expect(launched()).toBe(1);
});

test('what was ready once, or lived for ten seconds, is started again after a fault', async () => {
  const end: Life = { ending: { code: 0, by: null } };
  for (const first of [{ ending: fault }, { ending: fault, isReady: false, livesMs: 10_000 }]) {
    const { supervision, launched } = superviseLives([first, end], testClock());
    await supervision.done;
    expect([launched(), supervision.restarts]).toEqual([2, 1]);
  }
});

test('an agent that is gone is replaced, although the system has not let go of its last thread', async () => {
  let launched = 0;
  const launch = (): AgentProcess => ({
    processId: ++launched,
    post: () => {},
    onMessage: (hear) => {
      hear({ kind: 'ready', processId: launched, socket: '' });
      if (launched === 1) hear({ kind: 'gone' });
      return () => {};
    },
    ended: launched === 1 ? new Promise(() => {}) : Promise.resolve({ code: 0, by: null }),
    stop: () => {},
    kill: () => {},
  });
  const { signal } = new AbortController();
  const options = { launcher: { launch }, clock: testClock(), log: silentLog, hangMs: limits.hangMs, signal };
  expect(await supervise(options).done).toEqual({ kind: 'ended', code: 0 });
  expect(launched).toBe(2);
});

test('while an agent that is gone has not ended, one that finds its lock taken is followed by another', async () => {
  const old = Promise.withResolvers<Ending>();
  const busy = Promise.resolve<Ending>({ code: exitCodes.busy, by: null });
  let launched = 0;
  const launch = (): AgentProcess => {
    const number = ++launched;
    if (number === 4) old.resolve(killed);
    return {
      processId: number,
      post: () => {},
      onMessage: (hear) => {
        hear({ kind: 'ready', processId: number, socket: '' });
        if (number === 1) hear({ kind: 'gone' });
        return () => {};
      },
      ended: number === 1 ? old.promise : busy,
      stop: () => {},
      kill: () => {},
    };
  };
  const { signal } = new AbortController();
  const options = { launcher: { launch }, clock: testClock(), log: silentLog, hangMs: limits.hangMs, signal };
  expect(await supervise(options).done).toEqual({ kind: 'ended', code: exitCodes.busy });
  // The fourth may still have met it; the fifth has not.
  expect(launched).toBe(5);
});

describe('an agent that says every few seconds that it lives', () => {
  function watched() {
    const clock = heldClock();
    const told = Promise.withResolvers<Ending>();
    let hear: (message: AgentMessage) => void = () => {};
    let kills = 0;
    const agent: AgentProcess = {
      processId: 1,
      post: () => {},
      onMessage(listen) {
        hear = listen;
        return () => {};
      },
      ended: told.promise,
      stop: () => {},
      kill: () => void kills++,
    };
    const over = new AbortController();
    watchOver(agent, { clock, log: silentLog, signal: over.signal, hangMs: limits.hangMs }, () => {});
    return { clock, say: () => hear({ kind: 'alive' }), kills: () => kills };
  }

  test('is ended once it was silent for three minutes', async () => {
    const { clock, say, kills } = watched();
    say();
    for (let beats = 0; beats < 17; beats++) await clock.advance(10_000);
    expect(kills()).toBe(0);
    await clock.advance(10_000);
    expect(kills()).toBe(1);
  });

  test('is left alone while it speaks', async () => {
    const { clock, say, kills } = watched();
    for (let beats = 0; beats < 100; beats++) {
      say();
      await clock.advance(10_000);
    }
    expect(kills()).toBe(0);
  });

  test('and has never said so is not expected to', async () => {
    const { clock, kills } = watched();
    for (let beats = 0; beats < 100; beats++) await clock.advance(10_000);
    expect(kills()).toBe(0);
  });
});
