import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guard, pause } from '../support/guarded.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { noise } from '../support/trees.ts';

/** Disks that are full while the daemon runs. Rows 1 and 2 of the fault list, in part. */
describe('a daemon', () => {
  test('whose place is full says so, and goes on by itself when there is room', { timeout: 180_000 }, async ({
    skip,
  }) => {
    let disk: SmallDisk | null = null;
    const guarded = await guard('coffer-full', {
      fill: (files) => writeFileSync(join(files, 'a'), 'first'),
      before(computer) {
        disk = mountSmallDisk(computer.store, 4);
      },
      release: () => disk?.unmount(),
    });
    const place = disk as SmallDisk | null;
    if (place === null) return skip('needs root and a system that lets it mount');
    await guarded.untilSafe();
    const before = guarded.objects();
    writeFileSync(join(guarded.files, 'big'), noise(9_000_000));
    const state = await guarded.until('said so', ({ standing }) => standing === 'attention');
    expect(state.reason).toMatchObject({ code: 'attention.placeError' });
    expect(state.exposure.files).toBeGreaterThan(0);
    expect(guarded.objects()).toEqual(expect.arrayContaining(before));
    place.resize(64);
    await guarded.until('went on', ({ standing }) => standing === 'safe', 40_000);
    expect(await guarded.faults()).toEqual([]);
  });

  test('that finds its COFFER_HOME full at the start says so, and begins once there is room', {
    timeout: 120_000,
  }, async ({ skip }) => {
    let disk: SmallDisk | null = null;
    const guarded = await guard('coffer-start-full', {
      fill: (files) => writeFileSync(join(files, 'a'), 'first'),
      before(computer) {
        disk = mountSmallDisk(computer.home, 24);
      },
      release: () => disk?.unmount(),
    });
    if (disk === null) return skip('needs root and a system that lets it mount');
    const { computer, daemon } = guarded;
    await guarded.untilSafe();
    await daemon.kill();
    const filler = join(computer.home, 'filler');
    fillUp(filler);
    // What an agent that ended badly leaves to the next.
    for (const name of ['agent.json', 'agent.lock', 'journal.db-shm'])
      rmSync(join(computer.home, name), { force: true });
    fillUp(filler);
    const starting = daemon.start();
    await pause(4_000);
    expect(daemon.complaints).toContain('disk.full');
    rmSync(filler);
    await starting;
    await guarded.untilSafe();
    const faults = await guarded.faults();
    expect(faults.filter((fault) => !fault.includes('disk.full'))).toEqual([]);
  });

  test('whose COFFER_HOME is full says so, loses nothing, and goes on by itself when there is room', {
    timeout: 180_000,
  }, async ({ skip }) => {
    let disk: SmallDisk | null = null;
    const guarded = await guard('coffer-home-full', {
      fill: (files) => writeFileSync(join(files, 'a'), 'first'),
      before(computer) {
        disk = mountSmallDisk(computer.home, 24);
      },
      release: () => disk?.unmount(),
    });
    const home = disk as SmallDisk | null;
    if (home === null) return skip('needs root and a system that lets it mount');
    const { computer, daemon, files } = guarded;
    await guarded.untilSafe();
    const filler = join(computer.home, 'filler');
    fillUp(filler);
    // What is written down for later may still fit in for a while; the beginning of some run does not.
    const saysSo = async (): Promise<boolean> => (await daemon.api.state()).reason?.context.error === 'disk.full';
    const deadlineMs = performance.now() + 20_000;
    for (let file = 0; !(await saysSo()) && performance.now() < deadlineMs; file++) {
      writeFileSync(join(files, `file-${file}`), noise(50_000, file));
      // A quiet moment, so that a run begins.
      await pause(600);
    }
    expect(await saysSo()).toBe(true);
    rmSync(filler);
    await guarded.until('went on', ({ standing }) => standing === 'safe', 40_000);
    expect(await guarded.faults()).toEqual([]);
  });
});

function fillUp(path: string): void {
  for (const part of [1 << 20, 4096]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(part, 1), { flag: 'a' });
    } catch {
      // Full, but for what is smaller.
    }
  }
}
