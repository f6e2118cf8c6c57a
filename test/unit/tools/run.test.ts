import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFixture } from './fixture.ts';

const run = join(import.meta.dirname, '../../../build/tools/run.mjs');

test('the script runs under the pinned Node, with its arguments, folder, output and exit code', () => {
  using fixture = makeFixture({
    'script.ts': `const answer: unknown[] = [process.version, process.argv.slice(2), process.cwd()];
      process.stdout.write(JSON.stringify(answer));
      process.exitCode = 7;`,
  });
  const result = spawnSync('node', [run, '--quiet', join(fixture.root, 'script.ts'), 'two words', '--quiet'], {
    cwd: fixture.root,
    encoding: 'utf8',
  });
  expect(JSON.parse(result.stdout)).toEqual([process.version, ['two words', '--quiet'], fixture.root]);
  expect(result).toMatchObject({ status: 7, stderr: '' });
});

test('ending it ends the script, and the end looks the same from outside', async () => {
  using fixture = makeFixture({ 'script.mjs': "process.stdout.write('ready'); setInterval(() => {}, 1000);" });
  const child = spawn('node', [run, join(fixture.root, 'script.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  // The pipe closes when the script, which holds it too, has gone.
  const [[, signal]] = await Promise.all([once(child, 'exit'), once(child.stdout, 'close')]);
  expect(signal).toBe('SIGTERM');
});

test('a call without a script says how to call it', () => {
  const result = spawnSync('node', [run], { encoding: 'utf8' });
  expect(result.stderr).toContain('Usage: ');
  expect(result.status).toBe(1);
});
