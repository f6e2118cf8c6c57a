import { mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { NativeEvent, WatchSystem } from '../../../../engine/filesystem/watch/system.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { type Listening, listen } from './support.ts';

/** Says what the test lets it say: the systems that tell of a whole tree are not this one. */
async function listenTo(root: string, platform = 'darwin', enters = (_: string) => true): Promise<Told> {
  let hear: NativeEvent = () => {};
  let fail: (error: Error) => void = () => {};
  const system: Partial<WatchSystem> = {
    watchTree: (_, hears, failed) => {
      hear = hears;
      fail = failed;
      return { close: () => {} };
    },
  };
  const heard = await listen(root, { platform, system, enters });
  return { ...heard, tell: (kind, name) => hear(kind, name), fail: (error) => fail(error) };
}
type Told = Listening & { tell: NativeEvent; fail: (error: Error) => void };

const folder = (): string => realpathSync(temporaryFolder());

test('a whole tree takes one watch, and a changed file is told by its folder', async () => {
  const root = folder();
  mkdirSync(join(root, 'a/b'), { recursive: true });
  const heard = await listenTo(root);
  expect([heard.watch.mode, heard.watch.folders]).toEqual(['events', 1]);
  writeFileSync(join(root, 'a/b/file'), '');
  heard.tell('rename', 'a/b/file');
  heard.tell('change', 'a/b/file');
  await heard.untilMirrored();
  expect(heard.events).toEqual([{ kind: 'changed', folder: join(root, 'a/b') }]);
});

test('a folder that appears with its content is told deep, one that vanishes by its parent', async () => {
  const root = folder();
  mkdirSync(join(root, 'old/in'), { recursive: true });
  const heard = await listenTo(root);
  renameSync(join(root, 'old'), join(root, 'new'));
  heard.tell('rename', 'old');
  heard.tell('rename', 'new');
  await heard.untilMirrored();
  expect(heard.events).toEqual([
    { kind: 'changed', folder: root },
    { kind: 'changed', folder: join(root, 'new'), deep: true },
  ]);
});

test('paths with backslashes are told with slashes', async () => {
  const root = folder();
  mkdirSync(join(root, 'a/b'), { recursive: true });
  const heard = await listenTo(root, 'win32');
  heard.tell('change', 'a\\b\\file');
  await heard.until(() => heard.events.length > 0);
  expect(heard.takeFolders()).toEqual([join(root, 'a/b')]);
});

test('what lies below a folder that is left out is not told', async () => {
  const root = folder();
  mkdirSync(join(root, 'out/a'), { recursive: true });
  const heard = await listenTo(root, 'darwin', (path) => !path.endsWith('/out'));
  heard.tell('change', 'out/a/file');
  heard.tell('rename', 'out/a');
  heard.tell('rename', 'out');
  await heard.until(() => heard.events.length > 0);
  expect(heard.events).toEqual([{ kind: 'changed', folder: root }]);
});

test('an event without a name means that some were lost', async () => {
  const root = folder();
  const heard = await listenTo(root, 'win32');
  heard.tell('change', null);
  await heard.until(() => heard.events.length > 0);
  expect(heard.events).toEqual([{ kind: 'overflow' }]);
});

test('a watch that fails because its root went says that it is gone', async () => {
  const root = join(folder(), 'root');
  mkdirSync(root);
  const heard = await listenTo(root, 'win32');
  rmSync(root, { recursive: true });
  heard.fail(new Error('EPERM'));
  await heard.until(() => heard.events.length > 0);
  expect(heard.events).toEqual([{ kind: 'gone' }]);
  mkdirSync(root);
  await heard.until(() => heard.events.length > 1);
  expect(heard.events[1]).toEqual({ kind: 'back' });
});

test('the recursive watch of Node itself is heard', async () => {
  const root = folder();
  mkdirSync(join(root, 'a/b'), { recursive: true });
  const heard = await listen(root, { platform: 'darwin' });
  writeFileSync(join(root, 'a/b/file'), '');
  await heard.untilMirrored();
});
