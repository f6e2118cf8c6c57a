import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Computer, makeComputer } from '../support/coffer.ts';
import { noise, writeTree } from '../support/trees.ts';

/** Files that a drill has restored so far, at every depth; what goes away meanwhile counts for nothing. */
function restoredIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.raw'));
  } catch {
    return [];
  }
}

async function filled(): Promise<Computer> {
  const computer = await makeComputer('coffer-drill');
  onTestFinished(() => computer.remove());
  writeTree(
    computer.at('files'),
    Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`${at}.raw`, noise(2_000_000, at)])),
  );
  await computer.json(['backup', computer.at('files')]);
  return computer;
}

test('a drill that is killed while it restores leaves nothing once the next has run, and the files here untouched', async () => {
  const computer = await filled();
  const elsewhere = computer.at('elsewhere');
  mkdirSync(elsewhere);
  for (const folder of [join(computer.home, 'drills'), elsewhere]) {
    const to = folder === elsewhere ? ['--to', elsewhere] : [];
    const killed = await computer.coffer(['drill', '--full', ...to], { killWhen: () => restoredIn(folder).length > 5 });
    expect(killed.signal).toBe('SIGKILL');
    expect(restoredIn(folder).length).toBeGreaterThan(0);
    expect(readdirSync(join(computer.home, 'drills'))).toHaveLength(1);
    const next = await computer.json(['drill', '--files', '3']);
    expect(next).toMatchObject({ proven: true, files: 3, failed: 0 });
    expect(readdirSync(folder)).toEqual([]);
    expect(readdirSync(join(computer.home, 'drills'))).toEqual([]);
  }
  // A drill is no restore that a person could take back.
  expect(await computer.json(['undo', '--list'])).toEqual([]);
  expect(readdirSync(computer.at('files'))).toHaveLength(60);
  const last = await computer.json(['drill', '--last']);
  expect(last).toMatchObject({ proven: true, kind: 'sample', files: 3, signed: { key: expect.any(String) } });
}, 120_000);

test('Ctrl-C during a drill removes what it restored, within a second or two', async () => {
  const computer = await filled();
  const drills = join(computer.home, 'drills');
  const stopped = await computer.coffer(['drill', '--full'], {
    stopWhen: () => restoredIn(drills).length > 5,
  });
  expect(stopped.exit).toBe(130);
  expect(stopped.err).toContain('What was restored is removed again');
  expect(readdirSync(drills)).toEqual([]);
}, 120_000);
