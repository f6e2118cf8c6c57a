import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { isRoot, makeComputer } from '../support/coffer.ts';
import { roundTrip } from './usr.ts';

/** A part of a real system; all of /usr is in test/long. */
const folders = ['/usr/share/doc', '/usr/share/zoneinfo', '/usr/lib/tmpfiles.d', '/usr/sbin'].filter(existsSync);

test('parts of /usr come back identically', async (context) => {
  if (!isRoot) context.skip('owners can only be restored by root');
  const computer = await makeComputer('coffer-usr');
  onTestFinished(() => computer.remove());
  const { figures, differences } = await roundTrip(computer, folders);
  console.info(`${folders.join(' ')}: ${JSON.stringify(figures)}`);
  expect(differences).toEqual([]);
}, 120_000);
