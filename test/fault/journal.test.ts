import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type CofferError, isCofferError, type Random } from '../../engine/base/index.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { type Journal, openJournal } from '../../engine/journal/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { everythingIn, fill, ports, rules, strangePath } from '../unit/journal/journals.ts';

/** Two folders with the same journal: one that was closed, and one as a power cut leaves it, with all of it in the WAL. */
function twoEnds(): readonly { readonly folder: string; readonly isClean: boolean }[] {
  const [clean, unclean] = [temporaryFolder(), temporaryFolder()];
  const journal = openJournal(clean, ports);
  fill(journal);
  for (const name of readdirSync(clean)) cpSync(join(clean, name), join(unclean, name));
  journal.close();
  return [
    { folder: clean, isClean: true },
    { folder: unclean, isClean: false },
  ];
}

/** What a call gave: everything but a CofferError is a failure of the test. */
function attempt(work: () => void): CofferError | null {
  try {
    work();
    return null;
  } catch (error) {
    if (isCofferError(error)) return error;
    throw error;
  }
}

const choicesOf = (journal: Journal): unknown => [
  journal.sources.list().map(({ path }) => path),
  journal.places.list().map(({ url, vault }) => [url, vault]),
  journal.pause.read(),
];
const chosen = [['/home/anna', strangePath], [['/mnt/disk/vault', 'vault-1']], { until: 'time', untilMs: 5000 }];

/** However it was harmed: it opens with what the person chose, is of use, and after at most one more start it is whole. */
function judge(folder: string): { readonly rebuilt: boolean; readonly met: boolean } {
  const journal = openJournal(folder, ports);
  expect(choicesOf(journal)).toEqual(chosen);
  const codes = [
    attempt(() => everythingIn(journal)),
    attempt(() => journal.activity.add({ atMs: 1, kind: 'notice', isProblem: true, context: {} })),
    attempt(() => journal.uploads.requeue(1)),
  ].map((error) => error?.code ?? null);
  for (const code of codes) expect([null, 'journal.damaged']).toContain(code);
  journal.close();
  const met = codes.includes('journal.damaged');
  const after = openJournal(folder, ports);
  if (met) expect(after.rebuilt).toBe(true);
  expect(choicesOf(after)).toEqual(chosen);
  everythingIn(after);
  after.close();
  return { rebuilt: journal.rebuilt, met };
}

function harmed(from: string, harm: (folder: string) => void): string {
  const folder = temporaryFolder();
  cpSync(from, folder, { recursive: true });
  harm(folder);
  return folder;
}

function flipByte(folder: string, random: Random): void {
  const names = readdirSync(folder).filter((name) => /^journal\.db(-wal)?$/.test(name));
  const path = join(folder, names[random.integer(names.length)] ?? 'journal.db');
  const bytes = readFileSync(path);
  let at = random.integer(bytes.length);
  // Most of a small database is empty: what says nothing cannot be harmed.
  while (bytes[at] === 0) at = (at + 1) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 + random.integer(255));
  writeFileSync(path, bytes);
}

describe('a damaged journal', () => {
  it('with any byte changed opens whole, or is put aside, at the latest when the damage is met', {
    timeout: 240_000,
  }, () => {
    const ends = twoEnds();
    const count = { rebuilt: 0, met: 0, unnoticed: 0 };
    for (let seed = 1; seed <= 200; seed++) {
      const random = seededRandom(seed);
      const end = ends[seed % 2];
      if (end === undefined) continue;
      try {
        const { rebuilt, met } = judge(harmed(end.folder, (folder) => flipByte(folder, random)));
        count[rebuilt ? 'rebuilt' : met ? 'met' : 'unnoticed']++;
      } catch (error) {
        throw new Error(`seed ${seed}, ${end.isClean ? 'clean' : 'unclean'}`, { cause: error });
      }
    }
    console.info(`200 changed bytes: ${JSON.stringify(count)}`);
    expect(count.rebuilt).toBeGreaterThan(0);
  });

  it('cut short anywhere opens with what the person chose', { timeout: 60_000 }, () => {
    const random = seededRandom(7);
    for (const { folder } of twoEnds()) {
      const { length } = readFileSync(join(folder, 'journal.db'));
      for (const size of [0, 1, 99, 100, 512, 4095, 4096, random.integer(length + 1), Math.max(0, length - 1)]) {
        judge(harmed(folder, (at) => truncateSync(join(at, 'journal.db'), Math.min(size, length))));
      }
    }
  });

  it('of garbage is put aside, but for what its WAL still has', () => {
    const random = seededRandom(9);
    for (const { folder, isClean } of twoEnds()) {
      const harm = (at: string): void => writeFileSync(join(at, 'journal.db'), random.bytes(20_000));
      expect(judge(harmed(folder, harm)).rebuilt).toBe(isClean);
    }
  });

  it('of garbage in its second half is put aside, at the latest when that is met', () => {
    const random = seededRandom(11);
    const [{ folder } = { folder: '' }] = twoEnds();
    const whole = readFileSync(join(folder, 'journal.db'));
    const half = whole.length / 2;
    const harm = (at: string): void =>
      writeFileSync(join(at, 'journal.db'), Buffer.concat([whole.subarray(0, half), random.bytes(half)]));
    const { rebuilt, met } = judge(harmed(folder, harm));
    expect(rebuilt || met).toBe(true);
  });
});

describe('a process that is killed while it writes', () => {
  it('leaves all that was durable, nothing by half, and no reason to begin anew', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    const random = seededRandom(3);
    for (let round = 1; round <= 10; round++) {
      const told = await writeAndKill(folder, 5 + random.integer(60));
      const journal = openJournal(folder, ports);
      const written = journal.due.last('written') ?? 0;
      expect(journal.rebuilt).toBe(false);
      expect(written).toBeGreaterThanOrEqual(told);
      const [place = { id: 0 }] = journal.places.list();
      expect(journal.uploads.waiting(place.id).objects).toBe(written * 3);
      expect(journal.sources.list()).toHaveLength(Math.floor(written / 7));
      journal.close();
    }
  });
});

/** The last number it told to be durable. */
async function writeAndKill(folder: string, lines: number): Promise<number> {
  const script = fileURLToPath(new URL('journal-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    if (text.split('\n').length > lines) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return Number(text.split('\n').at(-2));
}

describe('the disk of a journal', () => {
  const disks: SmallDisk[] = [];
  afterEach(() => {
    for (const disk of disks.splice(0)) disk.unmount();
  });
  const diskOf = (megabytes: number): SmallDisk | null => {
    const disk = mountSmallDisk(join(temporaryFolder(), 'disk'), megabytes);
    if (disk !== null) disks.push(disk);
    return disk;
  };
  const write = (journal: Journal, number: number): void => {
    const context = { text: 'x'.repeat(10_000) };
    journal.activity.add({ atMs: number, kind: 'notice', isProblem: false, context });
  };

  it('may be full: that is said, nothing is lost, and it goes on when there is space', ({ skip }) => {
    const disk = diskOf(2);
    if (disk === null) return skip('needs root and a system that lets it mount');
    const folder = join(disk.path, 'agent');
    const journal = openJournal(folder, ports);
    let written = 0;
    let failed: CofferError | null = null;
    for (; failed === null && written < 1000; written++) failed = attempt(() => write(journal, written));
    expect(failed?.code).toBe('disk.full');
    const list = (from: Journal): number => from.activity.list({ most: 1000, problemsOnly: false }).length;
    expect(list(journal)).toBe(written - 1);
    expect([null, 'disk.full']).toContain(attempt(() => journal.sources.add('/a', rules))?.code ?? null);
    disk.resize(8);
    write(journal, 0);
    expect(journal.sources.add('/a', rules).id).toBe(1);
    journal.close();
    const after = openJournal(folder, ports);
    expect([after.rebuilt, list(after), after.sources.list().length]).toEqual([false, written, 1]);
    after.close();
  });

  it('may be full at the start, which is said in words and leaves the journal as it was', ({ skip }) => {
    const disk = diskOf(1);
    if (disk === null) return skip('needs root and a system that lets it mount');
    const folder = join(disk.path, 'agent');
    const journal = openJournal(folder, ports);
    journal.sources.add('/a', rules);
    journal.close();
    fillUp(join(disk.path, 'filler'));
    expect(attempt(() => openJournal(folder, ports))?.code).toBe('disk.full');
    disk.resize(8);
    const after = openJournal(folder, ports);
    expect([after.rebuilt, after.sources.list().length]).toEqual([false, 1]);
    after.close();
  });

  it('may be read-only, which is said in words', ({ skip }) => {
    const disk = diskOf(2);
    if (disk === null) return skip('needs root and a system that lets it mount');
    const folder = join(disk.path, 'agent');
    openJournal(folder, ports).close();
    disk.readOnly();
    expect(attempt(() => openJournal(folder, ports))?.code).toBe('home.unusable');
    disk.writable();
    openJournal(folder, ports).close();
  });
});

function fillUp(path: string): void {
  for (let size = 4096; ; size += 4096) {
    try {
      writeFileSync(path, Buffer.alloc(4096, 1), { flag: 'a' });
    } catch {
      return;
    }
    if (size > 64 << 20) return;
  }
}
