/**
 * Makes the golden vault of a format version, once and for all: `node test/compat/make-golden.ts test/compat/golden/v1`.
 * It is never made again for the same version; every later Coffer, and the stand-alone tool, must restore it.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../engine/base/index.ts';
import { createRealFileSystem } from '../../engine/filesystem/index.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { backup, createVault, openVault, type Ports } from '../../engine/index.ts';
import { testClock } from '../support/clock.ts';
import { fastNoise } from '../support/fast-noise.ts';
import { manifestOf } from './manifest.ts';

export const goldenPassphrase = 'a golden vault, opened forever: grüße';

const fileSystem = createRealFileSystem();
const modified = 1_500_000_000;

export async function makeGolden(folder: string): Promise<void> {
  if (existsSync(join(folder, 'vault')))
    throw new Error(`${folder} has a vault already, and a golden vault is made once`);
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'coffer-golden-'));
  const store = join(folder, 'vault');
  const random = seededRandom(1);
  // Long after the files' times, so that nothing counts as just changed.
  const clock = testClock(Date.now() + 60_000);
  const portsOf = (name: string): Ports => ({
    home: join(work, name),
    fileSystem,
    clock,
    random,
    log: silentLog,
    threads: false,
  });
  try {
    const { recoveryPhrase } = await createVault(portsOf('one'), {
      store,
      passphrase: goldenPassphrase,
      label: 'golden',
    });
    const source = join(work, 'data');
    const manifests: Record<string, unknown> = {};
    const save = async (name: string, tag: string): Promise<void> => {
      clock.advance(60_000);
      const ports = portsOf(name);
      const secret = async () => ({ kind: 'phrase', phrase: recoveryPhrase }) as const;
      const { snapshot, failed } = await backup(ports, openVault(ports, { store, mode: 'write', secret }), {
        ...{
          paths: [source],
          rules: { patterns: [], presets: [], cacheDirTag: false },
          oneFileSystem: false,
          tags: [tag],
        },
        ...{ app: 'golden', host: `computer ${name}`, user: 'ann', userHome: '/home/ann' },
      });
      if (failed > 0) throw new Error('the golden tree was not saved whole');
      manifests[snapshot] = { source, entries: manifestOf(source) };
    };
    writeFirst(source);
    await save('one', 'first');
    writeSecond(source);
    await save('one', 'second');
    await save('two', 'of another computer');
    rmSync(join(store, 'tmp'), { recursive: true, force: true });
    const note = { passphrase: goldenPassphrase, recoveryPhrase, snapshots: manifests };
    writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(note, null, 1)}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function file(path: string, content: Uint8Array | string, mode = 0o644): void {
  if (fileSystem.lstatIfThere(path) !== null) fileSystem.removeFile(path);
  const fd = fileSystem.open(path, 'create', 0o600);
  fileSystem.write(fd, typeof content === 'string' ? Buffer.from(content) : content, 0);
  fileSystem.close(fd);
  fileSystem.setMode(path, mode);
  fileSystem.setTime(path, modified, 123_456_789);
}

function writeFirst(source: string): void {
  mkdirSync(join(source, 'folder/empty'), { recursive: true });
  file(join(source, 'empty file'), '');
  file(join(source, 'text.txt'), 'the same line, again and again\n'.repeat(400));
  file(join(source, 'noise'), fastNoise(9_000, 'golden'), 0o600);
  for (let number = 0; number < 12; number++)
    file(join(source, `folder/small ${number}`), `small file ${number}\n`.repeat(number));
  file(join(source, 'Grüße 日本 \u{1f33f}'), 'a name beyond ASCII');
  file(join(source, 'invalid \udcff\udc80'), 'bytes');
  file(join(source, 'run.sh'), '#!/bin/sh\n', 0o755);
  fileSystem.makeLink('text.txt', join(source, 'link'));
  fileSystem.makeLink('/nowhere/at/all', join(source, 'dangling'));
  fileSystem.makeHardLink(join(source, 'noise'), join(source, 'folder/noise too'));
  fileSystem.makeSpecial(join(source, 'pipe'), 'fifo', 0, 0);
  fileSystem.setXattr(join(source, 'text.txt'), 'user.colour', Buffer.from('green'));
  fileSystem.setXattr(join(source, 'text.txt'), 'user.binary', Uint8Array.of(0, 1, 2, 255));
  writeSparse(join(source, 'sparse'));
  file(join(source, 'ancient'), 'before 1970');
  fileSystem.setTime(join(source, 'ancient'), -1_000_000_000, 5);
  for (const folder of ['folder/empty', 'folder']) fileSystem.setTime(join(source, folder), modified, 7);
}

function writeSparse(path: string): void {
  const fd = fileSystem.open(path, 'create', 0o644);
  fileSystem.truncate(fd, 1_000_000);
  fileSystem.write(fd, Buffer.from('an island'), 500_000);
  fileSystem.close(fd);
  fileSystem.setTime(path, modified, 1);
}

function writeSecond(source: string): void {
  file(join(source, 'text.txt'), 'another line\n'.repeat(300));
  fileSystem.removeFile(join(source, 'folder/small 3'));
  file(join(source, 'folder/new'), 'new in the second snapshot');
  fileSystem.setTime(join(source, 'folder'), modified + 1, 7);
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('say where to: node test/compat/make-golden.ts test/compat/golden/v1');
  await makeGolden(folder);
}
