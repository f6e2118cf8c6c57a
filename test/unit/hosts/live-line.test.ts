import { expect, test } from 'vitest';
import { backupProgress } from '../../../engine/hosts/cli/commands/backup-progress.ts';
import { createLiveLine } from '../../../engine/hosts/cli/live-line.ts';
import { backupResult, coffer, fakeEngine, handClock, recordStream } from './support.ts';

const progress = {
  ...{ foundFiles: 31_204, foundBytes: 3_800_000_000, doneBytes: 1_200_000_000 },
  ...{ readBytes: 1_200_000_000, newBytes: 5, scanning: false, seconds: 3 },
  ...{ storedBytes: 0, waitingBytes: 0, sending: false },
};

test('writes at most ten lines a second, and makes no text for the others', () => {
  const clock = handClock();
  const screen = recordStream({ isTerminal: true });
  const line = createLiveLine(screen, clock);
  let made = 0;
  for (let ms = 0; ms < 1000; ms++) {
    line.show(() => `step ${++made}`);
    clock.pass(1);
  }
  expect(made).toBe(10);
  expect(screen.text().match(/step/g)).toHaveLength(10);
});

test('fits the terminal with a column to spare', () => {
  const screen = recordStream({ isTerminal: true, columns: 20 });
  createLiveLine(screen, handClock()).show(() => 'x'.repeat(50));
  expect(screen.text()).toBe(`\r${'x'.repeat(18)}…\x1b[K`);
});

test('is cleared once and only where it was shown', () => {
  const screen = recordStream({ isTerminal: true });
  const line = createLiveLine(screen, handClock());
  line.clear();
  expect(screen.text()).toBe('');
  line.show(() => 'a');
  line.clear();
  line.clear();
  expect(screen.text()).toBe('\ra\x1b[K\r\x1b[K');
});

test('stays away while a question is asked', () => {
  const clock = handClock();
  const screen = recordStream({ isTerminal: true });
  const line = createLiveLine(screen, clock);
  line.hold();
  line.show(() => 'a');
  expect(screen.text()).toBe('');
  line.release();
  line.show(() => 'b');
  expect(screen.text()).toContain('b');
});

test('a backup shows itself while it runs, and clears the line before the result', async () => {
  const engine = async () =>
    fakeEngine({
      backup: async (_, opening, { onProgress }) => {
        await opening;
        onProgress?.(progress);
        return backupResult;
      },
    });
  const terminal = await coffer(['backup', '--store', '/v', 'Documents'], {
    engine,
    err: recordStream({ isTerminal: true, columns: 120 }),
  });
  expect(terminal.err).toContain('Documents   31,204 files · reading 400 MB/s · 1.2 of 3.8 GB · 4–9 s left');
  expect(terminal.err.endsWith('\r\x1b[K')).toBe(true);
  for (const extra of [['--json'], ['--quiet']]) {
    const quiet = await coffer(['backup', '--store', '/v', 'Documents', ...extra], {
      engine,
      err: recordStream({ isTerminal: true }),
    });
    expect(quiet.err).toBe('');
  }
  expect((await coffer(['backup', '--store', '/v', 'Documents'], { engine })).err).toBe('');
});

test('a scan that still runs promises no time', () => {
  const text = backupProgress(['/home/anna/Documents'])({ ...progress, scanning: true });
  expect(text).toContain('scanning 31,204 files');
  expect(text).not.toContain('left');
});

test('what is left to send is said when all is read', () => {
  const sending = { ...progress, sending: true, storedBytes: 1_200_000_000, waitingBytes: 2_600_000_000 };
  expect(backupProgress(['/home/anna/Documents'])(sending)).toBe(
    '  Documents   31,204 files · sending · 1.2 of 3.8 GB',
  );
});
