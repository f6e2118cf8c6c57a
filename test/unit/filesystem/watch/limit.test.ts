import { chmodSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realWatchSystem, type WatchSystem } from '../../../../engine/filesystem/watch/system.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { listen } from './support.ts';

const isLinux = process.platform === 'linux';

/** A system with room for so many watches; `open` counts those that are held. */
function smallSystem(most: number, code = 'ENOSPC', setting = 1000): Partial<WatchSystem> & { open: number } {
  const system = {
    open: 0,
    setting: (name: string) => (name.endsWith('queued_events') ? 16_384 : setting),
    watchFolder: (...given: Parameters<WatchSystem['watchFolder']>) => {
      if (system.open >= most) throw Object.assign(new Error('full'), { code });
      const native = realWatchSystem.watchFolder(...given);
      system.open++;
      return {
        close: () => {
          system.open--;
          native.close();
        },
      };
    },
  };
  return system;
}

function rootWith(folders: number): string {
  const root = realpathSync(temporaryFolder());
  for (let at = 0; at < folders; at++) mkdirSync(join(root, `${at}`));
  return root;
}

test.runIf(isLinux)('without room for all folders it says so once, gives all watches back and scans', async () => {
  const root = rootWith(20);
  const system = smallSystem(10);
  const heard = await listen(root, { system });
  expect(heard.events).toEqual([
    {
      kind: 'limit',
      watched: 10,
      remedy:
        'echo fs.inotify.max_user_watches=524288 | sudo tee -a /etc/sysctl.d/60-coffer.conf && sudo sysctl -p /etc/sysctl.d/60-coffer.conf',
    },
  ]);
  expect([heard.watch.mode, heard.watch.folders, system.open]).toEqual(['scanning', 0, 0]);
});

test.runIf(isLinux)('a limit that new folders reach is told too, and only once', async () => {
  const root = rootWith(5);
  const system = smallSystem(10);
  const heard = await listen(root, { system });
  expect(heard.watch.folders).toBe(6);
  for (let at = 5; at < 20; at++) mkdirSync(join(root, `${at}`));
  await heard.until(() => heard.events.some(({ kind }) => kind === 'limit'));
  expect([heard.watch.mode, system.open]).toEqual(['scanning', 0]);
  writeFileSync(join(root, 'file'), '');
  const other = await listen(root);
  writeFileSync(join(root, 'other'), '');
  await other.untilMirrored();
  expect(heard.events.filter(({ kind }) => kind === 'limit')).toHaveLength(1);
});

test.runIf(isLinux)('a large limit is doubled, and too few instances are a limit of their own', async () => {
  const large = await listen(rootWith(2), { system: smallSystem(1, 'ENOSPC', 600_000) });
  expect(large.events).toMatchObject([{ remedy: expect.stringContaining('fs.inotify.max_user_watches=1200000 ') }]);
  const instances = await listen(rootWith(0), { system: smallSystem(0, 'EMFILE', 128) });
  expect(instances.events).toMatchObject([{ remedy: expect.stringContaining('fs.inotify.max_user_instances=1024 ') }]);
});

test.runIf(isLinux)('a folder that may not be read is passed over, and heard once it may', async () => {
  const root = rootWith(3);
  let isReadable = false;
  const heard = await listen(root, {
    system: {
      watchFolder: (folder, ...given) => {
        if (isReadable || !folder.endsWith('/1')) return realWatchSystem.watchFolder(folder, ...given);
        throw Object.assign(new Error('denied'), { code: 'EACCES' });
      },
    },
  });
  expect([heard.watch.mode, heard.watch.folders]).toEqual(['events', 3]);
  isReadable = true;
  mkdirSync(join(root, '1/below')); // changes nothing in the root …
  chmodSync(join(root, '1'), 0o755); // … as this does
  await heard.until(() => heard.watch.folders === 5);
  await heard.untilMirrored();
});
