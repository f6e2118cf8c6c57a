import { describe, expect, test } from 'vitest';
import { CofferError } from '../../../engine/base/index.ts';
import { type AgentState, type Reason, reasonCodes } from '../../../engine/contract/index.ts';
import type { Host } from '../../../engine/hosts/cli/host.ts';
import { specOf } from '../../../engine/hosts/cli/table/index.ts';
import { activityWords } from '../../../engine/hosts/text/agent-activity.ts';
import { agentReason, type Naming } from '../../../engine/hosts/text/agent-reasons.ts';
import { widthOf } from '../../../engine/hosts/text/width.ts';
import {
  activities,
  type FakeAgent,
  type FakeOptions,
  failure,
  fakeAgent,
  fakeNowMs,
  place,
  runState,
  safeState,
  source,
  why,
} from '../../support/agent.ts';
import { sampleSettings } from '../../support/fake-agent.ts';
import { coffer, fakeEngine, handClock, type Ran, recordStream } from './support.ts';

/** Time that stands still: what waits for it waits for something else. */
const stillClock = () => ({ ...handClock(), sleep: () => new Promise<void>(() => {}) });

async function ask(args: readonly string[], options: FakeOptions = {}, parts: Partial<Host> = {}) {
  const agent = fakeAgent(options);
  const ran = await coffer(args, { attach: agent.attach, clock: stillClock(), ...parts });
  return { ...ran, agent };
}

const reason = (code: Reason['code'], context: Reason['context'] = {}): Reason => ({ code, context });
const onBattery = reason('wait.battery', { percent: 18, files: 2, bytes: 8e6 });
const waiting: Partial<AgentState> = {
  standing: 'waiting',
  reason: onBattery,
  exposure: { files: 2, bytes: 8e6, seconds: 240 },
};
const naming: Naming = {
  nowMs: fakeNowMs,
  path: (path) => path,
  placeUrl: () => '/mnt/disk/vault',
  inItsRow: false,
};

describe('status', () => {
  test('says in one sentence that everything is safe', async () => {
    const { exit, out } = await ask(['status']);
    expect(exit).toBe(0);
    expect(out).toBe(
      'Safe. 48,210 files, 12.4 GB, protected 2 minutes ago\n' +
        '  Places    /mnt/disk/vault       safe       protected 2 minutes ago\n' +
        '  Sources   /home/anna/Documents  safe\n' +
        '  Left out  2,118 by rule\n' +
        '  At risk   nothing\n',
    );
  });

  test('says why it waits, what waits, and what to do', async () => {
    const { exit, out } = await ask(['status'], { state: waiting });
    expect(exit).toBe(0);
    expect(out).toContain('Waiting: on battery 18 % · 2 files, 8 MB\n  → Back up anyway: coffer now --anyway\n');
    expect(out).toContain('At risk   2 files, 8 MB · changed 4 minutes ago');
  });

  test.each<[AgentState['standing'], number]>([
    ['safe', 0],
    ['working', 0],
    ['waiting', 0],
    ['paused', 0],
    ['attention', 3],
    ['atRisk', 3],
  ])('%s ends with %d', async (standing, exit) => {
    expect((await ask(['status'], { state: { standing } })).exit).toBe(exit);
  });

  test('says that no agent runs, and does not call that safe', async () => {
    const text = await ask(['status'], { isAlone: true });
    expect(text.exit).toBe(3);
    expect(text.out).toContain('Attention: protection is not running\n  → Start it: coffer daemon start');
    expect(text.out).not.toContain('At risk   nothing');
    const json = JSON.parse((await ask(['status', '--json'], { isAlone: true })).out);
    expect(json).toMatchObject({ state: 'attention', processId: 0, reason: { code: 'attention.notRunning' } });
  });

  test('asks for a folder first where none is chosen, with or without an agent', async () => {
    const state = { standing: 'attention', reason: reason('attention.noSources'), sources: [] } as const;
    const { out } = await ask(['status'], { isAlone: true, state });
    expect(out).toContain('Attention: no folder is chosen yet\n  → Choose one: coffer sources add ~/Documents');
    expect(out).toContain('Protection is not running. Start it: coffer daemon start');
  });

  test('names files that could not be saved once, with remedies', async () => {
    const failures = async () => [failure, { ...failure, place: 2 }];
    const coverage = { ...safeState.coverage, failed: 1, saved: 48_212 };
    const { out } = await ask(['status'], { state: { coverage }, api: { failures } });
    expect(out.match(/locked\.db {3}permission denied → run as its owner/g)).toHaveLength(1);
    expect(out).toContain('Seen      50,331 = 48,212 saved + 2,118 left out + 1 failed');
  });

  test('says what is still to come, and that not everything was saved yet', async () => {
    const coverage = { ...safeState.coverage, deferred: 7, saved: 48_206 };
    const goesOn = reason('run.goesOn', { files: 7, bytes: 1.2e12 });
    const places = safeState.places.map((at) => ({ ...at, protectedMs: null, standing: 'working', reason: goesOn }));
    const exposure = { files: 7, bytes: 1.2e12, seconds: 3600 };
    const state = { standing: 'working', reason: goesOn, coverage, places, exposure } as Partial<AgentState>;
    const { out } = await ask(['status'], { state });
    expect(out).toContain('Working: going on with what there was no time for yet · 7 files, 1.2 TB\n');
    expect(out).toContain('not everything saved yet');
    expect(out).toContain('Seen      50,331 = 48,206 saved + 2,118 left out + 7 still to come');
  });

  test.each([60, 80, 120])('fits a terminal of %d columns', async (columns) => {
    const long = '/media/anna/A drive with a very long name/花子/Photos of the year 2026';
    const places = [{ ...safeState.places[0], url: long, standing: 'waiting', reason: onBattery }];
    const state = { ...waiting, places, run: runState } as Partial<AgentState>;
    const { out } = await ask(
      ['status', '--no-color'],
      { state },
      { out: recordStream({ isTerminal: true, columns }) },
    );
    expect(out.split('\n').filter((line) => widthOf(line) > columns)).toEqual([]);
    expect(out).toContain('2026');
  });

  test('gives the reason in JSON as code, figures and words', async () => {
    const { out } = await ask(['status', '--json'], { state: waiting });
    expect(JSON.parse(out)).toMatchObject({
      state: 'waiting',
      reason: { code: 'wait.battery', context: { percent: 18 }, text: 'on battery 18 %' },
      exposure: { files: 2, bytes: 8e6, seconds: 240 },
      processId: 815,
      protected: '2026-05-03T09:18:00.000000000Z',
    });
  });
});

describe('words', () => {
  test.each(reasonCodes)('%s has calm words, with and without its figures', (code) => {
    const full = { percent: 18, place: 1, path: '/a b', files: 2, bytes: 8, seconds: 9e3, untilMs: fakeNowMs + 6e4 };
    for (const context of [{}, full, { ...full, error: 'store.full' }, { place: '/v', error: 'EIO' }]) {
      for (const inItsRow of [true, false]) {
        const { words, remedy } = agentReason(reason(code, context), { ...naming, inItsRow });
        expect(words).not.toBe('');
        expect(`${words} ${remedy}`).not.toMatch(/[?!{}]|undefined|NaN/);
      }
    }
  });

  test('of an error say what happened at the place', () => {
    const { words } = agentReason(reason('attention.placeError', { place: 1, error: 'store.full' }), naming);
    expect(words).toContain('/mnt/disk/vault');
    expect(words).toContain('full');
  });

  test('of what is copied are words of a shell', () => {
    const { remedy } = agentReason(reason('attention.sourceMissing', { path: "/a b/it's" }), naming);
    expect(remedy).toContain("coffer sources remove '/a b/it'\\''s'");
  });

  test.each<[Reason['context'], string, string]>([
    [{ policy: 'never', wifi: 'Phone' }, 'on the Wi-Fi “Phone”', 'coffer now --anyway'],
    [{ policy: 'only', wifi: 'Train' }, 'on the Wi-Fi “Train”, which is none that you chose', 'coffer now --anyway'],
    [{ policy: 'only' }, 'the name of this Wi-Fi is not known', 'coffer now --anyway'],
  ])('of a Wi-Fi name it: %j', (context, words, remedy) => {
    const said = agentReason(reason('wait.wifi', context), naming);
    expect(said.words).toBe(words);
    expect(said.remedy).toContain(remedy);
  });

  test.each([
    ['secret.wrong', 'it is locked; the passphrase in /h/pass phrase does not open it', 'coffer places unlock /v'],
    ['secret.fileShared', 'it is locked; others may read /h/pass phrase', "chmod 600 '/h/pass phrase'"],
    ['secret.fileNotOwn', 'it is locked; /h/pass phrase belongs to another user', 'coffer places unlock /v'],
    ['secret.fileUnreadable', 'it is locked; /h/pass phrase cannot be read', 'coffer places unlock /v'],
  ])('of a locked place name the passphrase file: %s', (error, words, remedy) => {
    const why = reason('attention.locked', { place: '/v', error, path: '/h/pass phrase' });
    const said = agentReason(why, { ...naming, inItsRow: true });
    expect(said.words).toBe(words);
    expect(said.remedy).toContain(remedy);
  });

  test('of activity need no figures', () => {
    for (const kind of ['runDone', 'runFailed', 'placeMissing', 'watchLimit', 'notice', 'paused'] as const) {
      const words = activityWords({ id: 1, atMs: 0, kind, isProblem: false, context: {} }, naming);
      expect(words).not.toMatch(/[?!{}]|undefined|NaN/);
    }
  });
});

test('who is behind is told what helps against what holds it back', () => {
  const remedyOf = (because?: string) =>
    agentReason(reason('risk.behind', because === undefined ? {} : { because }), naming).remedy;
  expect(remedyOf('wait.placeMissing')).toBe('Connect its drive or network');
  expect(remedyOf('paused.person')).toBe('Resume: coffer resume');
  expect(remedyOf('wait.placeBusy')).toBe('Now: coffer now --anyway');
  expect(remedyOf()).toBe('Now: coffer now --anyway');
});

test('what is not looked at yet is not called empty', async () => {
  const exposure = { files: 1, bytes: 0, seconds: 60 };
  const { out } = await ask(['status'], { state: { ...waiting, exposure } });
  expect(out).toContain('Waiting: on battery 18 % · at least 1 file\n');
  expect(out).toMatch(/At risk +at least 1 file · changed /);
});

test('a place that is full says what helps, and is named once', async () => {
  const full = reason('attention.placeError', { place: 1, error: 'store.full' });
  const { out } = await ask(['status'], { state: { standing: 'attention', reason: full } });
  expect(out).toMatch(
    /^Attention: the place \/mnt\/disk\/vault is full\n {2}→ Free some space there; it goes on by itself\n/,
  );
  const entry = { id: 1, atMs: fakeNowMs, isProblem: true, kind: 'runFailed', context: full.context } as const;
  expect(activityWords(entry, naming)).toBe('Not saved at /mnt/disk/vault: it is full');
});

describe('sources and places', () => {
  test('a source is added with its path in full and its rules', async () => {
    const { agent, out } = await ask(['sources', 'add', 'Documents', '--exclude', '*.iso', '--cross-filesystems']);
    expect(agent.calls[0]).toEqual([
      'addSource',
      {
        path: source.path,
        rules: { patterns: ['*.iso'], presets: [], cacheDirTag: true, oneFileSystem: false },
      },
    ]);
    expect(out).toContain('Added. /home/anna/Documents');
    expect(agent.isClosed).toBe(true);
  });

  test('a path that is not there adds none of the others', async () => {
    const { exit, agent } = await ask(['sources', 'add', 'a', 'b'], {}, { isThere: (path) => !path.endsWith('b') });
    expect([exit, agent.calls]).toEqual([1, []]);
  });

  test('who adds without a running agent is told to start it', async () => {
    const { out } = await ask(['sources', 'add', 'Documents'], { isAlone: true });
    expect(out).toContain('Protection is not running. Start it: coffer daemon start');
  });

  test('a new vault takes a new passphrase and shows its phrase once', async () => {
    const phrase = Array.from({ length: 24 }, () => 'abandon').join(' ');
    const addPlace: FakeAgent['api']['addPlace'] = async ({ url }) => ({ ...place, url, phrase, secretKept: true });
    const engine = async () =>
      fakeEngine({ readVaultId: async () => Promise.reject(new CofferError('vault.notFound', { store: '/v' })) });
    const { out, err, agent } = await ask(['places', 'add', '/v'], { api: { addPlace } }, { engine });
    expect(agent.calls).toContainEqual(['addPlace', { url: '/v', passphrase: 'right' }]);
    expect(out.match(/abandon/g)).toHaveLength(24);
    expect(out + err).not.toContain('right');
  });

  test('the recovery phrase opens a place for the agent, and is kept nowhere', async () => {
    const environment = { COFFER_HOME: '/h', COFFER_PASSPHRASE: 'lost', COFFER_PHRASE: 'right words' };
    const addPlace: FakeAgent['api']['addPlace'] = async () => ({ ...place, phrase: null, secretKept: false });
    const added = await ask(['places', 'add', '/v', '--recovery-phrase'], { api: { addPlace } }, { environment });
    expect(added.agent.calls).toContainEqual(['addPlace', { url: '/v', phrase: 'right words' }]);
    expect(added.err).toContain('The recovery phrase is kept nowhere: after a restart the place waits');
    const unlocked = await ask(['places', 'unlock', '/v', '--recovery-phrase'], {}, { environment });
    expect(unlocked.agent.calls).toEqual([['unlock', { url: '/v', phrase: 'right words' }]]);
    expect(added.out + added.err + unlocked.out + unlocked.err).not.toContain('right words');
  });

  test('a recovery phrase is never an argument', async () => {
    for (const args of [['--phrase', 'a b'], ['--recovery-phrase=a b']]) {
      const { exit, agent } = await ask(['places', 'unlock', '/v', ...args]);
      expect([exit, agent.calls]).toEqual([2, []]);
    }
  });

  test.each([
    [['places', 'add', '/v', '--recovery-phrase'], 'vault.notFound'],
    [['places', 'unlock', '/v'], 'store.missing'],
  ] as const)('%j asks for no new passphrase where no vault is', async (args, code) => {
    const engine = async () =>
      fakeEngine({ readVaultId: async () => Promise.reject(new CofferError(code, { store: '/v' })) });
    const environment = { COFFER_HOME: '/h', COFFER_PASSPHRASE: 'right' };
    const { exit, err, agent } = await ask(args, {}, { engine, environment });
    expect([exit, agent.calls]).toEqual([6, []]);
    expect(err).toContain(code);
  });
});

describe('now', () => {
  const done = { id: 9, atMs: fakeNowMs, kind: 'runDone', isProblem: false } as const;

  test('follows the run to its end', async () => {
    const agent = fakeAgent({ state: { run: runState } });
    const ran = coffer(['now'], { attach: agent.attach, clock: stillClock(), engine: async () => fakeEngine() });
    await expect.poll(() => agent.calls.some(([method]) => method === 'backUpNow')).toBe(true);
    agent.say('activity', { ...done, context: { place: 1, files: 12, newBytes: 8e6, seconds: 4.2 } });
    agent.change({ run: null });
    const { exit, out } = await ran;
    expect(exit).toBe(0);
    expect(out).toContain('  Saved 12 files, 8 MB new at /mnt/disk/vault, in 4.2 s\nSafe. 48,210 files');
  });

  test('goes on to the next place, and is 1 when one of them failed', async () => {
    const places = [1, 2].map((id) => ({ ...safeState.places[0], id, url: `/mnt/${id}` }));
    const agent = fakeAgent({ state: { run: runState, places } as Partial<AgentState> });
    const ran = coffer(['now', '--json'], { attach: agent.attach, clock: stillClock() });
    await expect.poll(() => agent.calls.some(([method]) => method === 'backUpNow')).toBe(true);
    const failed = { ...done, id: 8, kind: 'runFailed', isProblem: true, context: { place: '/mnt/1' } } as const;
    agent.say('activity', failed);
    agent.change({ run: null });
    agent.change({ run: { ...runState, id: 8 } });
    agent.say('activity', { ...done, context: { place: '/mnt/2' } });
    const { exit, out } = await ran;
    expect(exit).toBe(1);
    expect(JSON.parse(out).results.map(({ kind }: { kind: string }) => kind)).toEqual(['runFailed', 'runDone']);
  });

  test('goes on with the runs that follow where there was no time for everything', async () => {
    const agent = fakeAgent({ state: { run: runState } });
    const ran = coffer(['now'], { attach: agent.attach, clock: stillClock(), engine: async () => fakeEngine() });
    await expect.poll(() => agent.calls.some(([method]) => method === 'backUpNow')).toBe(true);
    const context = { place: 1, files: 12, newBytes: 8e6, seconds: 300 };
    agent.say('activity', { ...done, context: { ...context, deferred: 1, deferredBytes: 4e9 } });
    agent.change({ run: null });
    agent.change({ run: { ...runState, id: 8 } });
    agent.say('activity', { ...done, id: 10, context: { ...context, files: 13 } });
    const { exit, out } = await ran;
    expect(exit).toBe(0);
    expect(out).toContain(' · 1 file, 4 GB still to come\n  Saved 13 files');
  });

  test('a run that failed is 1', async () => {
    const agent = fakeAgent({ state: { run: runState } });
    const ran = coffer(['now', '--json'], { attach: agent.attach, clock: stillClock() });
    await expect.poll(() => agent.calls.some(([method]) => method === 'backUpNow')).toBe(true);
    agent.say('activity', { ...done, kind: 'runFailed', isProblem: true, context: { place: 1, error: 'store.full' } });
    agent.change({ run: null });
    const { exit, out } = await ran;
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ run: 7, ended: true, results: [{ kind: 'runFailed' }] });
  });

  test('what holds the run back is said, with 8', async () => {
    const backUpNow = async () => ({ run: null, waits: onBattery });
    const { exit, out } = await ask(['now'], { api: { backUpNow } });
    expect([exit, out]).toEqual([8, 'Not now: on battery 18 %\n  → Back up anyway: coffer now --anyway\n']);
  });

  test('an agent that goes away is said, and not waited for', async () => {
    const agent = fakeAgent({ state: { run: runState } });
    const ran = coffer(['now'], { attach: agent.attach, clock: stillClock() });
    await expect.poll(() => agent.calls.length).toBeGreaterThan(0);
    agent.goAway();
    const { exit, err } = await ran;
    expect(exit).toBe(1);
    expect(err).toContain('agent.gone');
  });

  test('without an agent, locked places are opened as every command opens them', async () => {
    const locked = { ...safeState.places[0], standing: 'attention', reason: reason('attention.locked') };
    const backUpNow = async () => ({ run: null, waits: null });
    const state = { places: [locked] } as Partial<AgentState>;
    const { agent } = await ask(['now'], { isAlone: true, state, api: { backUpNow } });
    expect(agent.calls).toContainEqual(['unlock', { url: place.url, passphrase: 'right' }]);
  });
});

describe('pause, wait and why', () => {
  test.each<[readonly string[], unknown]>([
    [[], { until: 'resumed', untilMs: null }],
    [['--for', '1h'], { until: 'time', untilMs: fakeNowMs + 3_600_000 }],
    [['--until', 'power'], { until: 'power', untilMs: null }],
    [['--until', 'tomorrow'], { until: 'time', untilMs: new Date(2026, 4, 4).getTime() }],
  ])('pause %j', async (args, asked) => {
    const { exit, agent } = await ask(['pause', ...args]);
    expect([exit, agent.calls]).toEqual([0, [['pause', asked]]]);
  });

  test.each([
    [true, 'Resumed.'],
    [false, 'Nothing was paused'],
  ])('resume says whether something was paused: %s', async (resumed, words) => {
    const api = { resume: async () => resumed };
    expect((await ask(['resume'], { api })).out).toContain(words);
    expect(JSON.parse((await ask(['resume', '--json'], { api })).out)).toEqual({ resumed });
  });

  test('a wait whose time is over is 8 and says how things are', async () => {
    const { exit, out, agent } = await ask(['wait', '--until', 'safe', '--timeout', '60s'], {
      state: waiting,
      api: { waitUntilSafe: async () => false },
    });
    expect([exit, out]).toEqual([8, 'Not safe yet. Waiting: on battery 18 % · 2 files, 8 MB\n']);
    expect(agent.calls).toContainEqual(['waitUntilSafe', { timeoutMs: 60_000 }]);
  });

  test('why names the rule and the last kept version', async () => {
    const { exit, out } = await ask(['why', '~/Documents/big.iso']);
    expect(exit).toBe(3);
    expect(out).toMatch(
      /^Not protected: left out, larger than its folder’s rule allows\n {2}last kept version: 2026-05-03/,
    );
    expect(out).toContain('coffer restore --store /mnt/disk/vault 7f3a91c2 --original /home/anna/Documents/big.iso');
  });

  test('why says when a file comes that there was no time for', async () => {
    const [first] = why.places;
    const saying = async (verdict: string, turn: unknown) => {
      const places = [{ ...first, verdict, detail: null, turn, kept: null }];
      return (await ask(['why', 'x'], { api: { why: async () => ({ ...why, places }) as never } })).out;
    };
    expect(await saying('waiting', { at: 1, of: 1 })).toContain('Not protected yet: it takes long and comes next\n');
    expect(await saying('waiting', { at: 1, of: 7 })).toContain('it comes next, of 7 that take long\n');
    expect(await saying('changed', { at: 3, of: 7 })).toContain(
      'an earlier version is protected, the newer one takes long and comes later, as number 3 of 7\n',
    );
  });

  test('why says what holds a place back, and what helps', async () => {
    const [first] = why.places;
    const [at] = safeState.places;
    const saying = async (verdict: string, state: FakeOptions['state'], more: FakeOptions = {}) => {
      const places = [{ ...first, verdict, detail: verdict === 'unknown' ? 'store.missing' : null, kept: null }];
      const answer = async () =>
        ({ path: source.path, places: places.map((one) => ({ ...one, turn: null })) }) as never;
      return (await ask(['why', source.path], { ...more, state: state ?? {}, api: { why: answer } })).out;
    };
    const ailing = (code: Reason['code'], context: Reason['context'] = {}) => ({
      places: [{ ...at, reason: reason(code, context) }] as AgentState['places'],
    });
    const paused = await saying('waiting', ailing('paused.person', { until: 'power' }));
    expect(paused).toBe(
      'Not protected yet: it waits: paused until the computer is on mains power\n  → Resume: coffer resume\n',
    );
    expect(await saying('changed', ailing('wait.metered'))).toContain(
      'the newer one waits: on a metered network\n  → Back up anyway: coffer now --anyway\n',
    );
    expect(await saying('waiting', ailing('wait.quiet'))).toContain('it waits for the next run\n  → Now: coffer now\n');
    expect(await saying('unknown', ailing('attention.locked', { place: 1 }))).toBe(
      'Not known: /mnt/disk/vault is locked\n  → Unlock it: coffer places unlock /mnt/disk/vault\n',
    );
    expect(await saying('unknown', {})).toBe('Not known: the place /mnt/disk/vault cannot be found\n');
    expect(await saying('waiting', {}, { isAlone: true })).toContain('→ Start it: coffer daemon start');
  });

  test('why does not call gone what is in a folder that is not there now', async () => {
    const [first] = why.places;
    const [here] = safeState.sources;
    const places = [{ ...first, verdict: 'gone', detail: null, turn: null, kept: null }];
    const saying = async (watching: AgentState['sources'][number]['watching']) => {
      const answer = async () => ({ path: `${source.path}/a.txt`, places }) as never;
      const sources = [{ ...here, watching }] as AgentState['sources'];
      return (await ask(['why', 'x'], { state: { sources }, api: { why: answer } })).out;
    };
    expect(await saying('absent')).toBe(
      'Not there now: /home/anna/Documents is not there; what was saved of it is kept\n  → Connect its drive\n',
    );
    expect(await saying('events')).toMatch(/^Gone: it is not on this computer any more/);
  });

  test('why is 0 when every place has it, and says the same once', async () => {
    const [first] = why.places;
    const places = [1, 2].map((at) => ({ ...first, place: at, url: `/mnt/${at}`, verdict: 'protected', detail: null }));
    const { exit, out } = await ask(['why', 'x'], { api: { why: async () => ({ ...why, places }) as never } });
    expect([exit, out]).toEqual([0, 'Protected as it is now\n']);
  });
});

describe('settings', () => {
  const { policies } = sampleSettings;
  const atHomeOrWork = { kind: 'only', names: ['Home, sweet home', 'Work'] } as const;

  test.each<[readonly string[], unknown]>([
    [['--exposure', '20m'], { schedule: { kind: 'continuous', quietSeconds: 3, exposureMinutes: 20 } }],
    [
      ['--schedule', 'times', '--at', '19:00,7:30', '--days', 'fri,mon'],
      { schedule: { kind: 'times', minutes: [450, 1140], days: [1, 5] } },
    ],
    [
      ['--battery-min', 'off', '--on-metered', 'yes', '--quiet-hours', '22:00-06:00'],
      {
        policies: {
          ...{ batteryPercentMin: null, onBattery: true, onMetered: true, wifi: null },
          bandwidth: { limits: [], otherwise: null },
          quietHours: [{ fromMinute: 1320, toMinute: 360 }],
        },
      },
    ],
    [['--wifi-only', 'Home, sweet home', '--wifi-only=Work'], { policies: { ...policies, wifi: atHomeOrWork } }],
    [['--bandwidth', '2MB'], { policies: { ...policies, bandwidth: { limits: [], otherwise: 2e6 } } }],
    [
      ['--bandwidth-hours', '08:00-18:00=500kB/s,22:00-06:00=off'],
      {
        policies: {
          ...policies,
          bandwidth: {
            limits: [
              { fromMinute: 480, toMinute: 1080, bytesPerSecond: 500_000 },
              { fromMinute: 1320, toMinute: 360, bytesPerSecond: null },
            ],
            otherwise: null,
          },
        },
      },
    ],
    [['--pace', 'gentle'], { pace: 'gentle' }],
    [['--wifi-never', 'Phone'], { policies: { ...policies, wifi: { kind: 'never', names: ['Phone'] } } }],
  ])('%j changes that and nothing else', async (args, change) => {
    const { exit, agent } = await ask(['settings', ...args]);
    expect(exit).toBe(0);
    expect(agent.calls).toContainEqual(['changeSettings', change]);
  });

  test.each([
    [['--at', '19:00'], '--at and --days belong to --schedule times'],
    [['--schedule', 'times'], 'needs --at'],
    [['--schedule', 'times', '--at', '24:00'], 'times of day'],
    [['--exposure', '15'], 'needs a time such as'],
    [['--quiet-hours', '22:00'], 'needs spans'],
    [['--bandwidth', '1kB'], '10kB at least'],
    [['--bandwidth', 'fast'], 'needs a size'],
    [['--bandwidth-hours', '08:00-18:00'], 'spans with rates'],
    [['--bandwidth-hours', '08:00=1MB'], 'needs spans'],
    [['--bandwidth-hours', '8:00-8:00=1MB'], 'two different times'],
    [['--wifi-only', 'a', '--wifi-never', 'b'], 'exclude each other'],
    [['--wifi-only', 'é'.repeat(17)], '1 to 32 letters'],
    [['--days', 'friday', '--schedule', 'times', '--at', '7:00'], 'needs days'],
  ])('%j is a usage error and changes nothing', async (args, words) => {
    const { exit, err, agent } = await ask(['settings', ...args]);
    expect(exit).toBe(2);
    expect(err).toContain(words);
    expect(agent.calls.map(([method]) => method)).toEqual(['settings']);
  });
});

test.each([
  [{ limits: [], otherwise: null }, 'no limit'],
  [{ limits: [], otherwise: 2e6 }, '2 MB/s'],
  [
    { limits: [{ fromMinute: 480, toMinute: 1080, bytesPerSecond: 5e5 }], otherwise: null },
    '500 kB/s 08:00–18:00, else no limit',
  ],
])('the bandwidth is shown: %j', async (bandwidth, words) => {
  const known = { ...sampleSettings, policies: { ...sampleSettings.policies, bandwidth } };
  const { out } = await ask(['settings'], { api: { settings: async () => known } });
  expect(out).toMatch(new RegExp(`Bandwidth +${words}\\n`));
});

test('settings of Wi-Fis are shown, and taken back', async () => {
  const wifi = { kind: 'never', names: ['Phone'] } as const;
  const known = { ...sampleSettings, policies: { ...sampleSettings.policies, wifi } };
  const { out } = await ask(['settings'], { api: { settings: async () => known } });
  expect(out).toMatch(/Wi-Fi +any but “Phone”/);
  const { agent } = await ask(['settings', '--wifi-any'], { api: { settings: async () => known } });
  expect(agent.calls).toContainEqual(['changeSettings', { policies: { ...known.policies, wifi: null } }]);
});

describe('watch', () => {
  async function watching(
    args: readonly string[],
    parts: Partial<Host>,
    work: (agent: FakeAgent) => void,
  ): Promise<Ran> {
    const agent = fakeAgent();
    const stop = new AbortController();
    const ran = coffer(['watch', ...args], {
      ...{ attach: agent.attach, clock: stillClock(), signal: stop.signal },
      ...parts,
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    work(agent);
    stop.abort(new CofferError('cancelled'));
    return await ran;
  }
  const [, missing] = activities;

  test('gives the documented fields in JSON, first all and then what changed', async () => {
    const { exit, out, err } = await watching(['--json'], {}, (agent) => {
      agent.change({ standing: 'waiting', reason: onBattery });
      if (missing !== undefined) agent.say('activity', missing);
    });
    expect([exit, err]).toEqual([0, '']);
    const [first, second, third] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const fields = specOf('watch').json.fields.map(({ name }) => name);
    expect(Object.keys({ ...first, ...third }).sort()).toEqual([...fields].sort());
    expect(second).toMatchObject({ state: 'waiting', reason: { text: 'on battery 18 %' } });
    expect(Object.keys(second)).toHaveLength(2);
  });

  test('writes a line for each change in a pipe, and none for figures', async () => {
    const { out } = await watching([], {}, (agent) => {
      agent.change({ exposure: { files: 1, bytes: 2, seconds: 3 } });
      agent.change(waiting);
      agent.change({ exposure: { files: 3, bytes: 2, seconds: 3 } });
      if (missing !== undefined) agent.say('activity', missing);
    });
    expect(out.split('\n').map((line) => line.slice(18))).toEqual([
      'Safe. 48,210 files, 12.4 GB, protected 2 minutes ago',
      'Waiting: on battery 18 % · 2 files, 8 MB',
      '/mnt/disk/vault is not there',
      '',
    ]);
  });

  test('draws in place on a terminal, and never higher than it is', async () => {
    const out = recordStream({ isTerminal: true, rows: 5 });
    const ran = await watching(['--no-color'], { out, err: recordStream({ isTerminal: true }) }, (agent) =>
      agent.change(waiting),
    );
    expect(ran.exit).toBe(0);
    expect(ran.err).toBe('');
    expect(ran.out).toContain('\x1b[4A\r\x1b[?7lWaiting: on battery 18 %');
  });

  test('shows the newest of what happened where there is no room for all', async () => {
    const happened = [1, 2, 3, 4, 5, 6].map((id) => ({
      ...{ id, atMs: fakeNowMs, isProblem: false, kind: 'sourceAdded' },
      context: { path: `/data/${id} ${'with a long name '.repeat(id === 5 ? 6 : 1)}` },
    }));
    const shown = async (rows: number): Promise<string[]> => {
      const out = recordStream({ isTerminal: true, rows });
      const { out: text } = await watching(
        ['--no-color'],
        { out, err: recordStream({ isTerminal: true }) },
        (agent) => {
          for (const entry of happened) agent.say('activity', entry as never);
        },
      );
      const last = text.slice(text.lastIndexOf('\x1b[?7l') + 5);
      return last.split('\x1b[K\n').filter((line) => line.includes('Added') || line.startsWith(' '.repeat(10)));
    };
    expect((await shown(40)).filter((line) => line.includes('Added'))).toHaveLength(6);
    const few = await shown(10);
    expect(few.filter((line) => line.includes('Added')).map((line) => line.slice(22, 23))).toEqual(['5', '6']);
    expect(few[1]).toMatch(/^ {10}a long/);
  });
});

test('what needs a running agent says so where none is', async () => {
  for (const args of [['watch'], ['wait'], ['places', 'unlock', '/v']]) {
    const attach: Host['attach'] = async ({ alone }) => {
      expect(alone).toBe(false);
      throw new CofferError('agent.notRunning');
    };
    const { exit, err } = await coffer(args, { attach });
    expect(exit).toBe(1);
    expect(err).toContain('Protection is not running.');
  }
});
