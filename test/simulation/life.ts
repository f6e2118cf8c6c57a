import { type Agent, type AgentPorts, createAgent } from '../../engine/agent/index.ts';
import { type Clock, CofferError, silentLog, systemCode } from '../../engine/base/index.ts';
import { allAnswer, type FileSystem } from '../../engine/filesystem/index.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import type { Journal } from '../../engine/journal/index.ts';
import { openStore, type Store } from '../../engine/storage/index.ts';
import { type Fault, withFaults } from '../../engine/storage/with/index.ts';
import { createFarStore } from '../support/far-store.ts';
import { createEars, type Ears } from './ears.ts';
import { homeFolder, openKept, type World } from './world.ts';

/** A run as the journal heard of it. */
export type RunSeen = {
  readonly id: number;
  readonly place: number;
  readonly reason: string;
  /** The slot of a schedule by times that it is for; null: none. */
  readonly slotMs: number | null;
  readonly beganMs: number;
  endedMs: number | null;
  kind: string;
  /** Files that it left for the next run: its slot is not dealt with before these are saved. */
  deferred: number;
};

/** One process with an agent, until it dies. */
export type Life = {
  readonly agent: Agent;
  readonly ears: Ears;
  readonly runs: RunSeen[];
  readonly isAlive: boolean;
  hearPower(): void;
  /** As a copy of its file would be. */
  journalNow(): Uint8Array | null;
  /** Ends it without a word; the journal keeps what was committed. */
  die(): void;
};

/** The world may be made worse than it says, to see that it is found. */
export type Sabotage = {
  readonly ports?: (ports: AgentPorts, world: World) => AgentPorts;
  readonly store?: (store: Store, clock: Clock) => Store;
};

export function startLife(world: World, sabotage: Sabotage): Life {
  const process = { isAlive: true };
  const { time, disk } = world;
  const number = ++world.lives;
  const clock = time.clockOf(process);
  const random = seededRandom(world.seed * 101 + number);
  const fileSystem = ofProcess(disk, process, () => powerGone());
  const ears = createEars(world, process);
  const runs: RunSeen[] = [];
  const powerListeners = new Set<() => void>();
  let journal: Journal | null = null;
  let bounded = 0;

  const powerGone = (): void => {
    if (world.isOff) return;
    world.isOff = true;
    world.say('the power is gone');
    world.journal = journal?.serialise() ?? world.journal;
  };
  // What a process whose computer is off still had in mind reaches no other computer.
  const onLine = {
    get isAlive() {
      return process.isAlive && !world.isOff;
    },
  };
  const server = ofProcess(world.server, onLine, () => {});
  let opened = 0;
  const storeFor = async (url: string): Promise<Store> => {
    const isFar = world.places.some((place) => place.url === url && place.isFar);
    const near = isFar ? server : fileSystem;
    const inner = withFaults(await openStore(url, { fileSystem: near, clock, random, owner: `life${number}` }), {
      clock,
      plan: () => faultOf(world),
    });
    const seed = world.seed * 10_007 + number * 101 + ++opened;
    const store = isFar
      ? createFarStore({ ...world.line, inner: counted(inner, world), fileSystem, clock, seed })
      : inner;
    return sabotage.store?.(store, clock) ?? store;
  };
  const ports: AgentPorts = {
    ...{ home: homeFolder, fileSystem, clock, random, log: silentLog, threads: false, storeFor, watcher: ears.watcher },
    answering: allAnswer,
    openJournal() {
      journal = witnessed(openKept(world), world, runs, ears);
      return journal;
    },
    secrets: {
      async find(vault) {
        const place = world.places.find((candidate) => candidate.vault === vault);
        return place === undefined ? null : { kind: 'phrase', phrase: place.phrase };
      },
      keep: async () => true,
      forget: async () => {},
    },
    power: {
      read: () => world.power,
      onChange(hear) {
        powerListeners.add(hear);
        return () => void powerListeners.delete(hear);
      },
    },
    network: {
      read: () => ({ online: true, metered: false }),
      wifi: () => ({ kind: 'none' }),
      onChange: () => () => {},
    },
    localOffsetMinutes: () => 0,
    // Reading takes no time here. Now and then there is none, and the next run has enough.
    readMs: (_, stuckRuns) => (stuckRuns === 0 && ++bounded % 4 === 3 ? 0 : Number.POSITIVE_INFINITY),
  };
  const identity = { version: '0', host: 'h', user: 'u', userHome: '/home', platform: 'linux', processId: number };
  const agent = createAgent(sabotage.ports?.(ports, world) ?? ports, identity);
  return {
    agent,
    ears,
    runs,
    get isAlive() {
      return process.isAlive;
    },
    hearPower() {
      for (const hear of powerListeners) hear();
    },
    journalNow: () => journal?.serialise() ?? null,
    die() {
      if (!world.isOff) world.journal = journal?.serialise() ?? world.journal;
      process.isAlive = false;
      journal?.close();
    },
  };
}

/** Nothing that a dead process still had in mind reaches the disk. */
function ofProcess(disk: FileSystem, process: { readonly isAlive: boolean }, powerGone: () => void): FileSystem {
  const all = Object.entries(disk).map(([name, call]) => {
    if (typeof call !== 'function') return [name, call];
    return [
      name,
      (...values: readonly unknown[]) => {
        if (!process.isAlive) throw new CofferError('cancelled');
        try {
          return (call as (...passed: readonly unknown[]) => unknown)(...values); // passes on what it was given
        } catch (error) {
          if (systemCode(error) === 'ENODEV') powerGone();
          throw error;
        }
      },
    ];
  });
  return Object.fromEntries(all) as FileSystem; // the same names
}

/** What a place refuses after its body was sent has to be sent again, and what was not done when its sender died. */
const counted = (store: Store, { line }: World): Store => ({
  ...store,
  async put(key, bytes, signal) {
    const before = line.refused.get(key) ?? 0;
    line.refused.set(key, before + 1);
    await store.put(key, bytes, signal);
    line.refused.set(key, before);
  },
});

function faultOf({ dice, troubles }: World): Fault | null {
  if (troubles.has('store') && dice.chance(12)) {
    return dice.of<Fault>([
      { kind: 'fail' },
      { kind: 'fail', code: 'store.full' },
      { kind: 'fail', code: 'store.denied' },
      { kind: 'lostAnswer' },
      { kind: 'breakOff', after: 1 },
    ]);
  }
  return dice.chance(25) ? { kind: 'slow', delayMs: dice.of([1, 20, 400]) } : null;
}

/** Runs over everything: what they confirm is known whatever events said before. */
const whole: ReadonlySet<string> = new Set(['run.first', 'run.asked', 'run.caughtUp', 'run.reconcile', 'run.times']);

function witnessed(journal: Journal, world: World, runs: RunSeen[], ears: Ears): Journal {
  const placeOf = (id: number): number => {
    const url = journal.places.list().find((place) => place.id === id)?.url;
    return world.places.findIndex((place) => place.url === url);
  };
  return {
    ...journal,
    runs: {
      ...journal.runs,
      begin(run) {
        const id = journal.runs.begin(run);
        const place = placeOf(run.place);
        runs.push({
          id,
          place,
          reason: run.reason.code,
          slotMs: typeof run.reason.context['slotMs'] === 'number' ? run.reason.context['slotMs'] : null,
          beganMs: world.time.monotonicMs,
          endedMs: null,
          kind: 'begun',
          deferred: 0,
        });
        world.say(`run ${id} begins at ${place}: ${run.reason.code}`);
        return id;
      },
      end(id, outcome) {
        journal.runs.end(id, outcome);
        const run = runs.find((candidate) => candidate.id === id);
        const what = outcome.kind === 'failed' ? ` of ${outcome.code}` : '';
        world.say(`run ${id} ${outcome.kind}${what}`);
        if (run === undefined) return;
        run.endedMs = world.time.monotonicMs;
        run.kind = outcome.kind;
        run.deferred = outcome.kind === 'done' ? outcome.coverage.deferred : 0;
        if (outcome.kind === 'done' && whole.has(run.reason)) ears.lookedEverywhere(run.beganMs, run.place);
      },
    },
  };
}
