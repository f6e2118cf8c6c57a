import { lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeComputer } from '../support/coffer.ts';
import { daemonOf } from '../support/daemon.ts';
import { fastNoise } from '../support/fast-noise.ts';
import { beginGuarding, guardedBy, pause, quick } from '../support/guarded.ts';

const entry = join(import.meta.dirname, '../support/short-runs.ts');
const MB = 1_000_000;
/** Several runs of `short-runs.ts` with two threads, which are all at a gentle pace; the last one alone takes more than one. */
const sizes = [...Array.from({ length: 60 }, () => 2 * MB), 48 * MB];
const allBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
const kills = 3;
/** What has changed later than this before a run is read once more by the next. */
const racyMs = 2_500;

test('a first backup of many runs goes on where its daemon was killed, and stores nothing twice', async () => {
  let files = '';
  const computer = await makeComputer('coffer-chain', ({ at }) => {
    files = at('files');
    mkdirSync(files);
    for (const [file, bytes] of sizes.entries()) writeFileSync(join(files, `${file}`), fastNoise(bytes, `${file}`));
  });
  const daemon = daemonOf(computer, { entry });
  onTestFinished(async () => {
    await daemon.kill();
    computer.remove();
  });
  const guarded = guardedBy(computer, daemon, files);
  const newestMs = lstatSync(join(files, `${sizes.length - 1}`)).ctimeMs;
  while (Date.now() - newestMs < racyMs) await pause(50);

  const saved: number[] = [];
  for (let life = 1; life <= kills; life++) {
    await daemon.start();
    if (life === 1) await beginGuarding(guarded, { ...quick, pace: 'gentle' });
    const { coverage } = await guarded.until(
      'in the middle of a run that goes on with what another has left',
      ({ run, coverage: { files } }) => run?.reason.code === 'run.goesOn' && run.phase === 'reading' && files > 0,
    );
    expect(coverage.deferred).toBeGreaterThan(0);
    expect(coverage.files).toBeGreaterThanOrEqual(saved.at(-1) ?? 0);
    saved.push(coverage.files);
    await daemon.kill();
  }
  await daemon.start();
  await guarded.untilSafe();
  const done = await guarded.told('runDone');
  process.stdout.write(`${done.length} runs, killed after ${saved.join(', ')} of ${sizes.length} files\n`);
  expect(done.length).toBeGreaterThan(2 * kills);
  expect(await guarded.told('runFailed')).toEqual([]);
  expect(await guarded.faults()).toEqual([]);
  expect(packBytes(computer.store) / allBytes).toBeLessThan(1.02);
}, 90_000);

function packBytes(store: string): number {
  const packs = readdirSync(join(store, 'packs'), { recursive: true, withFileTypes: true });
  return packs
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
