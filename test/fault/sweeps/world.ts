import { setImmediate } from 'node:timers/promises';
import type { Clock, Random } from '../../../engine/base/index.ts';
import { silentLog } from '../../../engine/base/index.ts';
import type { SinceBoot } from '../../../engine/filesystem/index.ts';
import { createSimulatedFileSystem, seededRandom } from '../../../engine/filesystem/simulated/index.ts';
import { createOpenedObjects, createVault, type Ports } from '../../../engine/repository/index.ts';
import type { Store } from '../../../engine/storage/index.ts';
import { createMemoryStore } from '../../../engine/storage/memory/store.ts';

export const dayMs = 24 * 3600 * 1000;

/** One place, and time that is true for everybody. Between any two changes of the place anybody may have a turn. */
export type World = {
  readonly random: Random;
  readonly trueMs: number;
  readonly place: Store;
  readonly phrase: string;
  /** What was put and deleted, and when in truth. */
  readonly putAt: ReadonlyMap<string, number>;
  readonly deleted: readonly { readonly key: string; readonly atMs: number }[];
  chance(percent: number): boolean;
  pass(ms: number): void;
  /** Lets devices take turns until all that they do is done. */
  run(lives: readonly Promise<unknown>[]): Promise<void>;
  /** A computer with a clock and a home of its own. */
  device(name: string): Device;
};

export type Device = {
  readonly name: string;
  readonly ports: Ports;
  /** Does something; null when the process died of it. */
  live<Result>(work: () => Promise<Result>): Promise<Result | null>;
};

type Turn = { readonly notBeforeMs: number; go(): void };

/** An empty vault: made once, since its passphrase takes a slow key derivation. */
let template: Promise<{ readonly objects: ReadonlyMap<string, Uint8Array>; readonly phrase: string }> | null = null;

async function makeTemplate() {
  const place = createMemoryStore();
  const home = createSimulatedFileSystem();
  const clock = { now: () => 0, monotonic: () => 0, sleep: async () => {} };
  const base = { home: '/home', fileSystem: home, clock, random: seededRandom(7), log: silentLog, threads: false };
  const ports: Ports = { ...base, storeFor: async () => ({ ...place, spool: '/spool', close: async () => {} }) };
  const { recoveryPhrase } = await createVault(ports, { store: 'place', passphrase: 'open' });
  const objects = new Map<string, Uint8Array>();
  for await (const key of place.listKeys('')) objects.set(key, await place.get(key));
  return { objects, phrase: recoveryPhrase };
}

export async function createWorld(seed: number): Promise<World> {
  template ??= makeTemplate();
  const { objects, phrase } = await template;
  const place = createMemoryStore();
  for (const [key, bytes] of objects) await place.put(key, bytes);
  const random = seededRandom(seed);
  const turns = new Set<Turn>();
  const putAt = new Map<string, number>();
  const deleted: { key: string; atMs: number }[] = [];
  let trueMs = 1_700_000_000_000;
  const chance = (percent: number): boolean => random.integer(1000) < percent * 10;

  const takeTurns = async (isOver: () => boolean): Promise<void> => {
    for (;;) {
      // Nothing here waits for the real world: what follows from one turn is over after this.
      await setImmediate();
      await setImmediate();
      if (isOver()) return;
      const ready = [...turns].filter(({ notBeforeMs }) => notBeforeMs <= trueMs);
      const turn = ready[random.integer(ready.length)];
      if (turn === undefined) {
        trueMs += dayMs;
        continue;
      }
      turns.delete(turn);
      if (chance(2)) trueMs += random.integer(12) * dayMs;
      turn.go();
    }
  };
  const world = {
    random,
    place,
    phrase,
    putAt,
    deleted,
    chance,
    get trueMs() {
      return trueMs;
    },
    pass(ms: number): void {
      trueMs += ms;
    },
    async run(lives: readonly Promise<unknown>[]): Promise<void> {
      let isOver = false;
      const all = Promise.all(lives).finally(() => {
        isOver = true;
      });
      all.catch(() => {}); // awaited below
      await takeTurns(() => isOver);
      await all;
    },
    device: (name: string) => createDevice(world, name, turns),
  };
  const noted: Store = {
    ...place,
    async put(key, bytes, signal) {
      await place.put(key, bytes, signal);
      putAt.set(key, trueMs);
    },
    async delete(key, signal) {
      if ((await place.stat(key)) !== null) deleted.push({ key, atMs: trueMs });
      await place.delete(key, signal);
    },
  };
  return Object.assign(world, { place: noted });
}

function createDevice(world: World, name: string, turns: Set<Turn>): Device {
  const { random } = world;
  const fileSystem = createSimulatedFileSystem({ seed: random.integer(1e9) });
  let boot = { name: 1, atMs: world.trueMs };
  let aheadMs = 0;
  let end: (() => void) | null = null;
  const clock: Clock = {
    now: () => world.trueMs + aheadMs,
    monotonic: () => world.trueMs - boot.atMs,
    sleep: async () => {},
  };
  const sinceBoot = (): SinceBoot => ({ ms: world.trueMs - boot.atMs, boot: `${boot.name}` });
  /** What is dead never has a turn again. */
  const turn = (): Promise<void> => {
    const alive = end;
    const asleepMs = world.chance(1.5) ? random.integer(120) * dayMs : 0;
    return new Promise((resolve) => {
      const go = (): void => void (alive === end && resolve());
      turns.add({ notBeforeMs: world.trueMs + asleepMs, go });
    });
  };
  const gate = async (): Promise<void> => {
    if (end !== null && world.chance(0.4)) {
      end();
      await new Promise(() => {});
    }
    await turn();
  };
  const { place } = world;
  const store: Store = {
    ...place,
    spool: '/spool',
    async *listKeys(prefix, signal) {
      await gate();
      yield* place.listKeys(prefix, signal);
    },
    async put(key, bytes, signal) {
      await gate();
      await place.put(key, bytes, signal);
      await gate();
    },
    async delete(key, signal) {
      await gate();
      await place.delete(key, signal);
    },
    close: async () => {},
  };
  const own = seededRandom(random.integer(1e9));
  const ports: Ports = {
    ...{ home: '/home', fileSystem, clock, sinceBoot, random: own, log: silentLog, threads: false },
    opened: createOpenedObjects(),
    storeFor: async () => store,
  };
  return {
    name,
    ports,
    async live(work) {
      // People set clocks, by minutes or by years.
      if (world.chance(6)) aheadMs += (random.integer(4001) - 2000) * (world.chance(50) ? dayMs : 60_000);
      const dead = new Promise<null>((resolve) => {
        end = () => {
          end = null;
          fileSystem.restart();
          boot = { name: boot.name + 1, atMs: world.trueMs };
          resolve(null);
        };
      });
      const result = await Promise.race([work(), dead]);
      end = null;
      return result;
    },
  };
}
