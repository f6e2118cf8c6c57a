import { expect, test } from 'vitest';
import { createDirtySet, type DirtySet } from '../../../engine/agent/dirty.ts';

const shown = ({ folders, below }: Pick<DirtySet, 'folders' | 'below'>): unknown =>
  folders === 'all' ? 'all' : { folders: [...folders].sort(), below: [...below].sort() };

test('a new set is empty and has no times', () => {
  const dirty = createDirtySet();
  expect(dirty.isEmpty).toBe(true);
  expect([dirty.oldestMs, dirty.newestMs]).toEqual([null, null]);
});

test('it remembers each folder once, and when the first and the last mark was made', () => {
  const dirty = createDirtySet();
  dirty.mark('/a', 5);
  dirty.mark('/b', 9);
  dirty.mark('/a', 7);
  expect(shown(dirty)).toEqual({ folders: ['/a', '/b'], below: [] });
  expect([dirty.isEmpty, dirty.oldestMs, dirty.newestMs]).toEqual([false, 5, 9]);
});

test('a deep mark covers what was marked below it, but not what only begins like it', () => {
  const dirty = createDirtySet();
  for (const folder of ['/a/b', '/a/b/c', '/ab', '/']) dirty.mark(folder, 1);
  dirty.mark('/a/b/d', 1, { deep: true });
  dirty.mark('/a', 2, { deep: true });
  expect(shown(dirty)).toEqual({ folders: ['/', '/a', '/ab'], below: ['/a'] });
});

test('a mark below a deep one adds nothing but its time', () => {
  const dirty = createDirtySet();
  dirty.mark('/a', 1, { deep: true });
  dirty.mark('/a', 2);
  dirty.mark('/a/b/c', 3);
  dirty.mark('/a/b', 4, { deep: true });
  expect(shown(dirty)).toEqual({ folders: ['/a'], below: ['/a'] });
  expect(dirty.newestMs).toBe(4);
});

test('a deep root covers everything', () => {
  const dirty = createDirtySet();
  dirty.mark('/', 1, { deep: true });
  dirty.mark('/a', 2);
  expect(shown(dirty)).toEqual({ folders: ['/'], below: ['/'] });
});

test('a folder too many makes the whole source dirty', () => {
  const dirty = createDirtySet({ most: 2 });
  for (const folder of ['/a', '/b']) dirty.mark(folder, 1);
  expect(shown(dirty)).not.toBe('all');
  dirty.mark('/c', 1);
  dirty.mark('/d', 2);
  expect(shown(dirty)).toBe('all');
});

test('taking empties it, and what is marked afterwards is not in what was taken', () => {
  const dirty = createDirtySet();
  dirty.mark('/a', 1);
  const taken = dirty.take();
  expect(dirty.isEmpty).toBe(true);
  dirty.mark('/b', 2);
  expect(shown(taken)).toEqual({ folders: ['/a'], below: [] });
  expect(shown(dirty)).toEqual({ folders: ['/b'], below: [] });
});

test('after the whole source was taken it tells folders apart again', () => {
  const dirty = createDirtySet();
  dirty.markAll(1);
  expect(shown(dirty.take())).toBe('all');
  dirty.mark('/a', 2);
  expect(shown(dirty)).toEqual({ folders: ['/a'], below: [] });
});

test('what a failed run puts back keeps its age and joins what was marked meanwhile', () => {
  const dirty = createDirtySet();
  dirty.mark('/a', 1, { deep: true });
  dirty.mark('/c', 3);
  const taken = dirty.take();
  dirty.mark('/a/x', 8);
  dirty.putBack(taken);
  expect(shown(dirty)).toEqual({ folders: ['/a', '/c'], below: ['/a'] });
  expect([dirty.oldestMs, dirty.newestMs]).toEqual([1, 8]);
});

test('a whole source that is put back is wholly dirty again', () => {
  const dirty = createDirtySet();
  dirty.markAll(1);
  const taken = dirty.take();
  dirty.mark('/a', 2);
  dirty.putBack(taken);
  expect(shown(dirty)).toBe('all');
});

test('putting back nothing leaves it empty', () => {
  const dirty = createDirtySet();
  dirty.putBack(dirty.take());
  expect(dirty.isEmpty).toBe(true);
});
