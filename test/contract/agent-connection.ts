import { describe, expect, it, onTestFinished } from 'vitest';
import { describeError, isCofferError } from '../../engine/base/index.ts';
import {
  type AgentApi,
  type AgentConnection,
  type AgentEvents,
  type AgentMethod,
  applyPatch,
} from '../../engine/contract/index.ts';
import { createFakeAgent, rules, sampleSettings, sampleState, strangePath } from '../support/fake-agent.ts';

type Arguments = { readonly [Method in AgentMethod]: Parameters<AgentApi[Method]> };

const argumentsOf: Arguments = {
  state: [],
  settings: [],
  changeSettings: [{ policies: { ...sampleSettings.policies, batteryPercentMin: null } }],
  addSource: [{ path: strangePath, rules: { ...rules, sizeMax: 2 ** 40 } }],
  removeSource: [{ path: strangePath }],
  listSources: [],
  addPlace: [{ url: '/backup', passphrase: 'ein Satz mit Ümläut 👍' }],
  removePlace: [{ url: '/backup' }],
  listPlaces: [],
  unlock: [{ url: '/backup', phrase: 'abandon ability' }],
  backUpNow: [{ anyway: true }],
  pause: [{ until: 'time', untilMs: 1_800_000_000_000 }],
  resume: [],
  why: [{ path: strangePath }],
  failures: [],
  activity: [{ most: 2000, problemsOnly: false }],
  waitUntilSafe: [{ timeoutMs: 0.5 }],
  stop: [],
};

export type Carrier = {
  readonly name: string;
  /** Calls an agent in the same process, which checks nothing. */
  readonly isDirect?: true;
  /** A connection to a new `createFakeAgent()`; `end` is how that goes away. Called inside a test. */
  connect(): Promise<{ readonly face: AgentConnection; end(): void | Promise<void> }>;
};

/** What holds for a connection to an agent, whatever carries it. */
export function describeAgentConnection({ name, isDirect, connect }: Carrier): void {
  const open = async () => {
    const opened = await connect();
    onTestFinished(() => opened.face.close());
    return opened;
  };
  // Every method in one place is what the table is for: types tell what belongs together only one by one.
  const call = (agent: AgentConnection, method: AgentMethod): Promise<unknown> =>
    (agent.api[method] as (...values: readonly unknown[]) => Promise<unknown>)(...argumentsOf[method]);

  describe(`an agent by ${name}`, () => {
    it.each(Object.keys(argumentsOf) as AgentMethod[])('answers %s as the agent does', async (method) => {
      const { face } = await open();
      const expected = await call(createFakeAgent(), method);
      expect(await call(face, method)).toEqual(expected);
    });

    it('answers many calls at once, each with its own answer', async () => {
      const { face } = await open();
      const paths = Array.from({ length: 200 }, (_, nth) => `/file ${nth}`);
      const answers = await Promise.all(paths.map((path) => face.api.why({ path })));
      expect(answers.map(({ path }) => path)).toEqual(paths);
    });

    it('answers while another call is still waited for', async () => {
      const { face } = await open();
      const waiting = face.api.waitUntilSafe({ timeoutMs: 1234 });
      waiting.catch(() => {});
      expect(await face.api.settings()).toEqual(sampleSettings);
    });

    it('fails as the agent does, with code and context', async () => {
      const { face } = await open();
      const error = await face.api.why({ path: '/denied' }).catch((error: unknown) => error);
      expect(isCofferError(error, 'path.notFound') && error.context).toEqual({ path: '/denied' });
    });

    it('tells the whole state first, then what changed', async () => {
      const { face } = await open();
      const patches = await collect(face, 'state', 3, async () => {
        await face.api.pause({ until: 'power', untilMs: null });
        await face.api.resume();
      });
      const pause = { until: 'power', untilMs: null };
      expect(patches).toEqual([sampleState, { pause }, { pause: null }]);
      expect(patches.reduce(applyPatch, sampleState)).toEqual({ ...sampleState, pause: null });
    });

    it('tells activities to each who listens, and to nobody who stopped', async () => {
      const { face } = await open();
      const [left, stayed]: [string[], string[]] = [[], []];
      const stop = face.on('activity', ({ context }) => left.push(String(context['path'])));
      face.on('activity', ({ context }) => stayed.push(String(context['path'])));
      await face.api.addSource({ path: '/one', rules });
      await face.api.settings(); // What was said before has arrived with it.
      stop();
      await face.api.addSource({ path: '/two', rules });
      await face.api.settings();
      expect({ left, stayed }).toEqual({ left: ['/one'], stayed: ['/one', '/two'] });
    });

    if (isDirect) return;

    it('tells of a fault of the agent no more than that', async () => {
      const { face } = await open();
      const error = await face.api.why({ path: '/fault' }).catch((error: unknown) => error);
      if (!isCofferError(error, 'agent.fault')) throw error;
      expect(error.context).toEqual({});
      expect(error.cause).toBeUndefined();
    });

    it('refuses what the contract does not allow', async () => {
      const { face } = await open();
      const error = await face.api.why({ path: '' }).catch((error: unknown) => error);
      expect(isCofferError(error, 'agent.badCall') && error.context['method']).toBe('why');
    });

    it('fails calls that are under way, and later ones, when the agent goes', async () => {
      const { face, end } = await open();
      const waiting = face.api.waitUntilSafe({ timeoutMs: 1234 }).catch((error: unknown) => error);
      await face.api.settings();
      await end();
      const error = await waiting;
      if (!isCofferError(error, 'agent.gone')) throw error;
      expect(describeError(error).remedy).toContain('coffer daemon start');
      await face.closed;
      await expect(face.api.state()).rejects.toMatchObject({ code: 'agent.gone' });
    });

    it('fails calls that are under way when the face closes', async () => {
      const { face } = await open();
      const waiting = face.api.waitUntilSafe({ timeoutMs: 1234 }).catch((error: unknown) => error);
      await face.close();
      expect(isCofferError(await waiting, 'agent.gone')).toBe(true);
      await face.closed;
    });
  });
}

/** The first events of a listener, of which all but the first come from what is done once that is there. */
function collect<Name extends keyof AgentEvents>(
  face: AgentConnection,
  name: Name,
  count: number,
  act: () => Promise<void>,
): Promise<AgentEvents[Name][]> {
  return new Promise((resolve, reject) => {
    const events: AgentEvents[Name][] = [];
    face.on(name, (event) => {
      events.push(event);
      if (events.length === 1) act().catch(reject);
      if (events.length === count) resolve(events);
    });
  });
}
