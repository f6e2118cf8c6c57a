import { expect, onTestFinished, test } from 'vitest';
import { roundTrip } from '../integration/usr.ts';
import { isRoot, makeComputer } from '../support/coffer.ts';
import { record } from './results.ts';

test('all of /usr comes back identically', async (context) => {
  if (!isRoot) context.skip('owners can only be restored by root');
  const computer = await makeComputer('coffer-usr');
  onTestFinished(() => computer.remove(), 600_000);
  const began = performance.now();
  const { figures, differences } = await roundTrip(computer, ['/usr']);
  const counts = `${figures.files} files, ${(figures.bytes / 1e9).toFixed(1)} GB; backup ${figures.backup.toFixed(0)} s, restore ${figures.restore.toFixed(0)} s`;
  record('/usr there and back', counts, (performance.now() - began) / 1000, `${differences.length} differences`);
  expect(differences).toEqual([]);
});
