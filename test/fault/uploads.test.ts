import { expect, test } from 'vitest';
import { killedUpload, uploadRound } from './upload-rounds.ts';

/** Row 6, CI's share; the long form is test/long/uploads.test.ts. */
const rounds = 60;
const kills = 20;

test('backups through a bad network are done or say why, and hardly send anything twice', async () => {
  let [needed, sent, failed] = [0, 0, 0];
  for (let seed = 1; seed <= rounds; seed++) {
    const round = await uploadRound(seed);
    expect(round.faults, `seed ${seed}`).toEqual([]);
    // A reset in the middle of the one large pack of a small backup is more than a fifth, whatever one does.
    expect(round.sent, `seed ${seed}`).toBeLessThanOrEqual(1.2 * round.needed + round.largest);
    needed += round.needed;
    sent += round.sent;
    failed += round.failures.length;
  }
  process.stdout.write(`row 6: ${rounds} rounds, ${(sent / needed).toFixed(3)} × needed, ${failed} runs said why\n`);
  expect(sent).toBeLessThanOrEqual(1.2 * needed);
}, 600_000);

test('a program that is killed while it sends sends nothing again but what was under way, and seals nothing again', async () => {
  let [killed, spooled] = [0, 0];
  for (let seed = 1; seed <= kills; seed++) {
    const round = await killedUpload(seed);
    expect(round.faults, `seed ${seed}`).toEqual([]);
    if (round.wasKilled) killed++;
    if (round.spooled > 0) spooled++;
  }
  process.stdout.write(`row 6: ${kills} kills, ${killed} in time, ${spooled} with packs in the spool\n`);
  expect(spooled).toBeGreaterThan(kills / 4);
}, 600_000);
