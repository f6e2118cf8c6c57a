import { expect, test } from 'vitest';
import type { WatchEvent } from '../../../../engine/filesystem/index.ts';
import { createSimulatedWatcher } from '../../../../engine/filesystem/simulated/index.ts';
import { testClock } from '../../../support/clock.ts';

const simulated = async (seed = 1) => {
  const clock = testClock();
  const watcher = createSimulatedWatcher({ clock, seed });
  const events: WatchEvent[] = [];
  const watch = await watcher.watch({
    root: '/root',
    enters: (folder) => !folder.endsWith('/out'),
    hear: (event) => events.push(event),
  });
  return { clock, watcher, events, watch };
};

test('a change is told to the watches it lies below, unless a folder on the way is left out', async () => {
  const { watcher, events } = await simulated();
  for (const path of ['/root/a/file', '/rooted/file', '/root/out/file', '/root/out/a/file', '/root/out', '/root/file'])
    watcher.changed(path);
  expect(events).toEqual([
    { kind: 'changed', folder: '/root/a' },
    { kind: 'changed', folder: '/root' },
    { kind: 'changed', folder: '/root' },
  ]);
});

test('the mode follows what is emitted, and a root that is gone tells nothing until it is back', async () => {
  const { watcher, events, watch } = await simulated();
  watcher.emit({ kind: 'gone' });
  watcher.emit({ kind: 'gone' });
  watcher.changed('/root/file');
  expect(watch.mode).toBe('scanning');
  watcher.emit({ kind: 'back' }, '/root');
  expect(watch.mode).toBe('events');
  watcher.emit({ kind: 'limit', watched: 3, remedy: 'more' }, '/other');
  expect(watch.mode).toBe('events');
  watcher.emit({ kind: 'limit', watched: 3, remedy: 'more' });
  expect(watch.mode).toBe('scanning');
  expect(events.map(({ kind }) => kind)).toEqual(['gone', 'back', 'limit']);
});

test('events are lost and repeated as often as told, the same for the same seed', async () => {
  const told = async (seed: number): Promise<string> => {
    const { watcher, events } = await simulated(seed);
    watcher.setFaults({ losePerMille: 300, repeatPerMille: 300 });
    for (let at = 0; at < 1000; at++) watcher.changed(`/root/${at}/file`);
    return events.map((event) => (event.kind === 'changed' ? event.folder : '')).join();
  };
  const once = await told(1);
  expect(new Set(once.split(',')).size).toBeGreaterThan(600);
  expect(new Set(once.split(',')).size).toBeLessThan(800);
  expect(once.split(',').length).toBeGreaterThan(800);
  expect(await told(1)).toBe(once);
  expect(await told(2)).not.toBe(once);
});

test('a delayed event comes when its time has gone by, and not after closing', async () => {
  const { clock, watcher, events, watch } = await simulated();
  const startMs = clock.now();
  watcher.setFaults({ delayMsMax: 5000 });
  watcher.changed('/root/file');
  expect(events).toEqual([]);
  await Promise.resolve();
  await Promise.resolve();
  expect(events).toHaveLength(1);
  expect(clock.now()).toBeGreaterThan(startMs);
  watcher.changed('/root/file');
  await watch.close();
  await Promise.resolve();
  expect(events).toHaveLength(1);
  expect(watcher.roots).toEqual([]);
});
