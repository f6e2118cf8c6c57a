import { CofferError } from '../../engine/base/index.ts';
import type {
  Activity,
  AgentApi,
  AgentConnection,
  AgentEvents,
  AgentState,
  Settings,
  Source,
} from '../../engine/contract/index.ts';

/** Path text of bytes that are no UTF-8. */
export const strangePath = '/home/ana/caf\udce9';

export const sampleState: AgentState = {
  standing: 'waiting',
  reason: { code: 'wait.battery', context: { percent: 12 } },
  version: '1.2.3',
  processId: 77,
  exposure: { files: 3, bytes: 4096, seconds: 61 },
  coverage: { seen: 10, saved: 8, leftOut: 1, failed: 1, deferred: 0, files: 8, bytes: 1_000_000 },
  protectedMs: 1_700_000_000_000,
  nextRunMs: null,
  run: null,
  pause: null,
  sources: [{ id: 1, path: strangePath, standing: 'safe', reason: null, watching: 'events' }],
  places: [],
};

export const sampleSettings: Settings = {
  schedule: { kind: 'continuous', quietSeconds: 3, exposureMinutes: 15 },
  policies: {
    batteryPercentMin: 20,
    onBattery: true,
    onMetered: false,
    wifi: null,
    quietHours: [],
    bandwidth: { limits: [], otherwise: null },
  },
  pace: 'normal',
};

export const rules: Source['rules'] = { patterns: ['*.tmp'], presets: [], cacheDirTag: true, oneFileSystem: false };

export type FakeAgent = AgentConnection & {
  emit<Name extends keyof AgentEvents>(name: Name, event: AgentEvents[Name]): void;
  listeners(): number;
};

/**
 * An agent that remembers little and says in its answers what it was asked. `pause` and `resume` change the state, `addSource`
 * is an activity; asked why about `/fault` and `/denied` it fails, and it never becomes safe within 1234 ms.
 */
export function createFakeAgent(): FakeAgent {
  const heard: { [Name in keyof AgentEvents]: Set<(event: AgentEvents[Name]) => void> } = {
    state: new Set(),
    activity: new Set(),
  };
  let state = sampleState;
  const emit: FakeAgent['emit'] = (name, event) => {
    for (const hear of heard[name]) hear(event);
  };
  const change = (patch: Partial<AgentState>): void => {
    state = { ...state, ...patch };
    emit('state', patch);
  };
  return {
    api: apiOf(() => state, change, emit),
    on(name, hear) {
      heard[name].add(hear);
      // `state` is the only event that begins with how things are.
      if (name === 'state') queueMicrotask(() => (hear as (patch: AgentState) => void)(state));
      return () => heard[name].delete(hear);
    },
    emit,
    listeners: () => heard.state.size + heard.activity.size,
    closed: new Promise(() => {}),
    async close() {},
  };
}

export const activityOf = (id: number, path = '/a'): Activity => ({
  id,
  atMs: 5,
  kind: 'sourceAdded',
  isProblem: false,
  context: { path },
});

function apiOf(
  state: () => AgentState,
  change: (patch: Partial<AgentState>) => void,
  emit: FakeAgent['emit'],
): AgentApi {
  const place = (url: string) => ({ id: 4, url, vault: 'v1' });
  return {
    state: async () => state(),
    settings: async () => sampleSettings,
    changeSettings: async (settings) => ({ ...sampleSettings, ...settings }),
    addSource: async (asked) => {
      emit('activity', activityOf(1, asked.path));
      return { id: 7, ...asked };
    },
    removeSource: async ({ path }) => ({ id: 7, path, rules }),
    listSources: async () => [{ id: 7, path: strangePath, rules }],
    addPlace: async ({ url, ...secret }) => ({
      ...place(url),
      phrase: 'phrase' in secret ? secret.phrase : secret.passphrase,
      secretKept: false,
    }),
    removePlace: async ({ url }) => place(url),
    listPlaces: async () => [place('/backup')],
    unlock: async () => {},
    backUpNow: async ({ anyway }) => ({ run: anyway ? 3 : null, waits: sampleState.reason }),
    pause: async (pause) => change({ pause }),
    resume: async () => {
      const wasPaused = state().pause !== null;
      change({ pause: null });
      return wasPaused;
    },
    why: async ({ path }) => {
      if (path === '/fault') throw new TypeError('a secret in a message');
      if (path === '/denied') throw new CofferError('path.notFound', { path });
      return { path, places: [] };
    },
    failures: async () => [{ path: strangePath, code: 'EACCES', sinceMs: 9, place: 4 }],
    activity: async ({ most }) => Array.from({ length: most }, (_, id) => activityOf(id)),
    waitUntilSafe: ({ timeoutMs }) => (timeoutMs === 1234 ? new Promise(() => {}) : Promise.resolve(true)),
    stop: async () => {},
  };
}
