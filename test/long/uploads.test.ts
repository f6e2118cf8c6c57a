import { expect, test } from 'vitest';
import { killedUpload, uploadRound } from '../fault/upload-rounds.ts';
import { countOf, record } from './results.ts';

const rounds = countOf('UPLOAD_ROUNDS', 5000);
const kills = countOf('UPLOAD_KILLS', 1000);
const seed = countOf('SEED', 1000 + (Date.now() % 1_000_000));

test(`row 6: ${rounds} backups through bad networks, from seed ${seed}`, async () => {
  const began = performance.now();
  const faults: string[] = [];
  let [needed, sent, worst, failed, runs] = [0, 0, 0, 0, 0];
  for (let number = 0; number < rounds; number++) {
    const round = await uploadRound(seed + number);
    faults.push(...round.faults.map((fault) => `seed ${seed + number}: ${fault}`));
    if (round.sent > 1.2 * round.needed + round.largest)
      faults.push(`seed ${seed + number}: sent ${round.sent} of ${round.needed}`);
    needed += round.needed;
    sent += round.sent;
    worst = Math.max(worst, round.sent / round.needed);
    failed += round.failures.length;
    runs += round.backups + round.failures.length;
  }
  const ratio = `sent ${(sent / needed).toFixed(3)} × needed, at worst ${worst.toFixed(2)}`;
  const counts = `${rounds} rounds from seed ${seed}: ${runs} runs, of which ${failed} said why they were not done; ${ratio}`;
  record('bad networks', counts, (performance.now() - began) / 1000, `${faults.length} faults`);
  expect(faults).toEqual([]);
  expect(sent).toBeLessThanOrEqual(1.2 * needed);
});

test(`row 6: ${kills} programs killed while they send, from seed ${seed}`, async () => {
  const began = performance.now();
  const faults: string[] = [];
  let spooled = 0;
  for (let number = 0; number < kills; number++) {
    const round = await killedUpload(seed + number);
    faults.push(...round.faults.map((fault) => `seed ${seed + number}: ${fault}`));
    if (round.spooled > 0) spooled++;
  }
  const counts = `${kills} kills from seed ${seed}, ${spooled} with packs in the spool`;
  record('kills while sending', counts, (performance.now() - began) / 1000, `${faults.length} faults`);
  expect(faults).toEqual([]);
});
