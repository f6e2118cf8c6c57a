import { expect, onTestFinished, test } from 'vitest';
import { makeComputer } from '../support/coffer.ts';
import { noise, writeTree } from '../support/trees.ts';

type Share = { readonly unique: { bytes: number; storedBytes: number }; readonly shared: { bytes: number } };
type Answer = Share & { readonly snapshots: number; readonly versions: number; readonly parts: readonly Part[] };
type Part = Share & { readonly name: string; readonly snapshots: number };

test('a person sees what each source takes, what a folder would free, and how often a file stands', async () => {
  const computer = await makeComputer('coffer-space');
  onTestFinished(() => computer.remove());
  const [documents, photos] = [computer.at('documents'), computer.at('photos')];
  const [same, own, late] = [noise(3_000_000, 1), noise(2_000_000, 2), noise(1_000_000, 3)];
  writeTree(documents, { 'same.raw': same, notes: { 'a.txt': 'first' } });
  writeTree(photos, { 'same.raw': same, trip: { 'own.raw': own } });
  await computer.json(['backup', documents, photos]);
  writeTree(photos, { trip: { 'late.raw': late } });
  writeTree(documents, { notes: { 'a.txt': 'second' } });
  await computer.json(['backup', documents, photos]);

  const sources = await computer.json<Answer>(['space', '--by', 'source']);
  const [first, second] = sources.parts;
  expect([first?.name, second?.name]).toEqual([photos, documents]);
  expect([first?.shared.bytes, second?.shared.bytes]).toEqual([3_000_000, 3_000_000]);
  // Beside the bytes of files a few listings.
  expect(first?.unique.bytes).toBeGreaterThanOrEqual(3_000_000);
  expect(first?.unique.bytes).toBeLessThan(3_003_000);
  expect(second?.unique.bytes).toBeLessThan(3_000);

  const trip = await computer.json<Answer>(['space', `${photos}/trip`]);
  expect(trip.snapshots).toBe(2);
  expect(trip.unique.storedBytes).toBeGreaterThanOrEqual(3_000_000);
  const lateOnly = await computer.json<Answer>(['space', `${photos}/trip/late.raw`]);
  expect([lateOnly.snapshots, lateOnly.unique.bytes, lateOnly.shared.bytes]).toEqual([1, 1_000_000, 0]);
  expect(await computer.json<Answer>(['space', `${documents}/notes/a.txt`])).toMatchObject({
    snapshots: 2,
    versions: 2,
  });

  const whole = await computer.coffer(['space']);
  expect([whole.exit, whole.err]).toEqual([0, '']);
  expect(whole.out).toMatch(
    /^2 snapshots, 6(\.\d)? MB at this place\.\n {2}needed {6}6(\.\d)? MB in \d+ packs, 6 MB as files\n/,
  );
  expect(whole.out).toMatch(/\nup to a day +2 /);

  const nowhere = await computer.coffer(['space', computer.at('nowhere')]);
  expect(nowhere.exit).toBe(1);
  expect(nowhere.err).toContain('No snapshot has');
});
