import { describe, expect, test } from 'vitest';
import type { Store } from '../../../engine/storage/index.ts';
import { noise } from '../../support/trees.ts';
import { createWorld, objectsIn, runBackup, storeFolder, type World, write } from './world.ts';

type Kind = 'pack' | 'index' | 'snapshot' | 'refs' | 'head';
const kindOf = (key: string): Kind =>
  (({ packs: 'pack', index: 'index', snapshots: 'snapshot', refs: 'refs', heads: 'head' }) as const)[
    key.slice(0, key.indexOf('/')) as 'packs' // the caller writes no other kind
  ];

/** What a run did at its store, in order: `+pack` for a new object, `flush` and `settle`. */
async function recordedRun(world: World): Promise<string[]> {
  const done: string[] = [];
  const wrapStore = (store: Store): Store => ({
    ...store,
    async adopt(key, path, signal) {
      await store.adopt(key, path, signal);
      done.push(`+${kindOf(key)}`);
    },
    async put(key, bytes, signal) {
      await store.put(key, bytes, signal);
      done.push(`+${kindOf(key)}`);
    },
    async flush(signal) {
      await store.flush(signal);
      done.push('flush');
    },
    async settle(signal) {
      await store.settle(signal);
      done.push('settle');
    },
  });
  await runBackup(world, { wrapStore });
  return done;
}

async function changedWorld(): Promise<World> {
  const world = await createWorld();
  for (let file = 0; file < 10; file++) write(world.disk, `/data/${file}`, noise(30_000, file));
  return world;
}

describe('what an object names is durable before the object is written', () => {
  test('packs and indexes before the snapshot', async () => {
    const done = await recordedRun(await changedWorld());
    const before = done.slice(0, done.indexOf('+snapshot'));
    const last = Math.max(before.lastIndexOf('+pack'), before.lastIndexOf('+index'));
    expect(before.slice(last)).toContain('flush');
  });

  test('also packs that an earlier run has left, whose names this run has not flushed itself', async () => {
    const world = await changedWorld();
    await runBackup(world);
    world.clock.advance(60_000);
    const done = await recordedRun(world);
    expect(done.slice(0, done.indexOf('+snapshot'))).toContain('settle');
  });

  test('snapshot and refs before the log entry', async () => {
    const done = await recordedRun(await changedWorld());
    const from = Math.max(done.indexOf('+snapshot'), done.indexOf('+refs'));
    expect(done.slice(from, done.indexOf('+head'))).toContain('flush');
  });

  test('the log entry before the run says that it is done', async () => {
    const done = await recordedRun(await changedWorld());
    expect(done.slice(done.indexOf('+head'))).toEqual(['+head', 'flush']);
  });

  test('the log entry before this computer remembers it', async () => {
    const world = await changedWorld();
    const written: string[] = [];
    const rename = (from: string, to: string): void => {
      world.disk.rename(from, to);
      if (to.endsWith('/heads'))
        written.push(objectsIn(world.disk).some((key) => key.startsWith('heads/')) ? 'after' : 'before');
    };
    await runBackup(world, { fileSystem: { ...world.disk, rename } });
    expect(written.at(-1)).toBe('after');
  });

  test('the bytes of a pack before its name', async () => {
    const world = await changedWorld();
    const { disk } = world;
    const synced = new Set<string>();
    const early: string[] = [];
    await runBackup(world, {
      fileSystem: {
        ...disk,
        async syncLater(path) {
          await disk.syncLater(path);
          synced.add(path);
        },
        renameNoReplace(from, to) {
          if (to.startsWith(`${storeFolder}/packs/`) && !synced.has(from)) early.push(to);
          disk.renameNoReplace(from, to);
        },
      },
    });
    expect([synced.size > 0, early]).toEqual([true, []]);
  });
});
