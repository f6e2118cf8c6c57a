import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeComputer } from '../../support/coffer.ts';
import { fastNoise } from '../../support/fast-noise.ts';

type Swept = {
  readonly applied: boolean;
  readonly marked: { readonly packs: number };
  readonly deleted: { readonly packs: number; readonly bytes: number };
  readonly snapshots: number;
};

/** What this computer has lived through, as it wrote it down itself. */
function livedLonger(home: string, days: number): void {
  const path = join(home, 'observed-time.json');
  const observed = JSON.parse(readFileSync(path, 'utf8')) as { readonly ms: number };
  writeFileSync(path, JSON.stringify({ ...observed, ms: observed.ms + days * 24 * 3_600_000 }));
}

test('a sweep by the program gives the space back, in a real folder', { timeout: 120_000 }, async () => {
  const computer = await makeComputer('coffer-sweep');
  try {
    const files = computer.at('files');
    mkdirSync(files);
    writeFileSync(join(files, 'old'), fastNoise(3_000_000, 'old'));
    writeFileSync(join(files, 'kept'), fastNoise(2_000_000, 'kept'));
    const { snapshot } = await computer.json<{ snapshot: string }>(['backup', files]);
    rmSync(join(files, 'old'));
    await computer.json(['backup', files]);
    await computer.json(['forget', snapshot, '--yes']);

    const planned = await computer.json<Swept>(['sweep', '--plan']);
    expect([planned.applied, planned.marked.packs > 0, planned.deleted.packs]).toEqual([false, true, 0]);
    const marked = await computer.json<Swept>(['sweep', '--all']);
    expect([marked.applied, marked.marked, marked.deleted.packs]).toEqual([true, planned.marked, 0]);
    await computer.json(['unforget']);
    livedLonger(computer.home, 31);
    expect((await computer.json<Swept>(['sweep', '--all'])).deleted.packs).toBe(0);

    await computer.json(['forget', snapshot, '--yes']);
    expect((await computer.json<Swept>(['sweep', '--all'])).deleted.packs).toBe(0);
    livedLonger(computer.home, 31);
    const swept = await computer.json<Swept>(['sweep', '--all']);
    expect([swept.deleted.packs, swept.snapshots]).toEqual([planned.marked.packs, 1]);
    expect(swept.deleted.bytes).toBeGreaterThan(2_900_000);
    expect((await computer.coffer(['unforget', snapshot])).exit).toBe(2);

    const check = await computer.coffer(['check', '--read-data']);
    expect([check.exit, check.out]).toEqual([0, expect.stringContaining('The vault is whole.')]);
    const target = computer.at('back');
    expect((await computer.coffer(['restore', 'latest', '--target', target])).exit).toBe(0);
    const found = readFileSync(join(target, files.slice(1), 'kept'));
    expect(found.equals(Buffer.from(fastNoise(2_000_000, 'kept')))).toBe(true);
  } finally {
    computer.remove();
  }
});
