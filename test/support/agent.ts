import type {
  Activity,
  AgentApi,
  AgentEvents,
  AgentState,
  FileFailure,
  Place,
  Source,
  StatePatch,
  Why,
} from '../../engine/contract/index.ts';
import type { Attach, Attached } from '../../engine/hosts/cli/agent/attach.ts';
import { sampleSettings } from './fake-agent.ts';

/** An agent in memory that faces can be shown: it answers what it is told, and says what a test lets it say. */
export type FakeAgent = Attached & {
  readonly attach: Attach;
  /** Every call, in order: method and what was asked. */
  readonly calls: readonly (readonly [string, unknown])[];
  say<Name extends keyof AgentEvents>(name: Name, event: AgentEvents[Name]): void;
  change(patch: StatePatch): void;
  goAway(): void;
  readonly isClosed: boolean;
};

export const fakeNowMs = 1_777_800_000_000;
export const home = '/home/anna';

export const place: Place = { id: 1, url: '/mnt/disk/vault', vault: 'cd'.repeat(16) };

export const source: Source = {
  id: 1,
  path: `${home}/Documents`,
  rules: { patterns: ['*.iso'], presets: ['caches'], cacheDirTag: true, oneFileSystem: true, sizeMax: 4e9 },
};

export const safeState: AgentState = {
  standing: 'safe',
  reason: null,
  version: '1.2.3',
  processId: 815,
  exposure: { files: 0, bytes: 0, seconds: 0 },
  coverage: {
    seen: 50_331,
    saved: 48_213,
    leftOut: 2118,
    failed: 0,
    deferred: 0,
    files: 48_210,
    bytes: 12_400_000_000,
  },
  protectedMs: fakeNowMs - 120_000,
  nextRunMs: null,
  run: null,
  pause: null,
  sources: [{ id: 1, path: source.path, standing: 'safe', reason: null, watching: 'events' }],
  places: [
    {
      ...{ id: 1, url: place.url, vault: place.vault, standing: 'safe', reason: null },
      ...{ protectedMs: fakeNowMs - 120_000, snapshot: '7f3a91c2'.repeat(8), files: 48_210, bytes: 12_400_000_000 },
      uploads: { objects: 0, bytes: 0, parked: 0 },
    },
  ],
};

export const runState: NonNullable<AgentState['run']> = {
  ...{
    id: 7,
    reason: { code: 'run.changes', context: {} },
    startedMs: fakeNowMs - 3000,
    place: 1,
    pace: 'normal',
    phase: 'reading',
  },
  ...{ foundFiles: 31_204, foundBytes: 3_800_000_000, doneBytes: 1_200_000_000, readBytes: 1_200_000_000 },
  ...{ newBytes: 84_100_000, storedBytes: 31_700_000, bytesPerSecond: 412_000_000 },
  secondsLeft: { least: 3, most: 5 },
};

export const activities: readonly Activity[] = [
  ...[
    { id: 1, atMs: fakeNowMs - 600_000, kind: 'started', isProblem: false, context: {} } as const,
    { id: 2, atMs: fakeNowMs - 300_000, kind: 'placeMissing', isProblem: true, context: { place: 1 } } as const,
  ],
];

export const why: Why = {
  path: `${home}/Documents/big.iso`,
  places: [
    {
      ...{ place: 1, url: place.url, verdict: 'leftOut', detail: 'size', turn: null },
      kept: { snapshot: '7f3a91c2'.repeat(8), mtimeMs: fakeNowMs, size: 3_900_000_000 },
    },
  ],
};

export const failure: FileFailure = {
  path: `${home}/Documents/locked.db`,
  code: 'EACCES',
  sinceMs: fakeNowMs - 120_000,
  place: 1,
};

export type FakeOptions = {
  readonly state?: Partial<AgentState>;
  readonly api?: Partial<AgentApi>;
  readonly isAlone?: boolean;
};

export function fakeAgent({ state: parts = {}, api: replaced = {}, isAlone = false }: FakeOptions = {}): FakeAgent {
  const calls: [string, unknown][] = [];
  const heard = new Map<keyof AgentEvents, Set<(event: never) => void>>();
  const gone = Promise.withResolvers<void>();
  let state: AgentState = { ...safeState, ...parts };
  let isClosed = false;
  const api: AgentApi = { ...answers(() => state), ...replaced };
  const recorded = new Proxy(api, {
    get: (_, method: keyof AgentApi) => (asked: never) => {
      calls.push([method, asked]);
      return api[method](asked);
    },
  });
  const say: FakeAgent['say'] = (name, event) => {
    for (const hear of heard.get(name) ?? []) hear(event as never);
  };
  const agent: FakeAgent = {
    api: recorded,
    on: (name, hear) => {
      const hearers = heard.get(name) ?? new Set();
      heard.set(name, hearers.add(hear as never));
      // The first patch carries every field.
      if (name === 'state') queueMicrotask(() => hear(state as never));
      return () => void hearers.delete(hear as never);
    },
    closed: gone.promise,
    close: async () => {
      isClosed = true;
    },
    isAlone,
    attach: async () => agent,
    calls,
    say,
    change: (patch) => {
      state = { ...state, ...patch };
      say('state', patch);
    },
    goAway: () => gone.resolve(),
    get isClosed() {
      return isClosed;
    },
  };
  return agent;
}

function answers(state: () => AgentState): AgentApi {
  return {
    state: async () => state(),
    settings: async () => sampleSettings,
    changeSettings: async (change) => ({ ...sampleSettings, ...change }),
    addSource: async ({ path, rules }) => ({ id: 2, path, rules }),
    removeSource: async () => source,
    listSources: async () => [source],
    addPlace: async ({ url }) => ({ ...place, url, phrase: null, secretKept: true }),
    removePlace: async () => place,
    listPlaces: async () => [place],
    unlock: async () => {},
    backUpNow: async () => ({ run: 7, waits: null }),
    pause: async () => {},
    resume: async () => true,
    why: async () => why,
    failures: async () => [],
    activity: async () => activities,
    waitUntilSafe: async () => true,
    stop: async () => {},
  };
}
