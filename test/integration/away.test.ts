import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { type Computer, makeComputer } from '../support/coffer.ts';
import { fastNoise } from '../support/fast-noise.ts';
import { outsideDifferences } from '../support/outside.ts';
import { sampleTree, treeDifferences, writeTree } from '../support/trees.ts';

/** Row 17 and what belongs to it: another computer, other homes, restores that are taken back or interrupted. */

let computer: Computer;
/** In the home folder of the person who ran the backup. */
let documents: string;
let letters: number;

beforeAll(async () => {
  computer = await makeComputer('coffer-away');
  documents = join(computer.person, 'documents');
  writeTree(documents, sampleTree());
  await computer.json(['backup', documents]);
  letters = 0;
}, 60_000);

afterAll(() => computer.remove());

const fresh = (): string => computer.at(`target ${letters++}`);

describe('another computer', () => {
  test('with nothing but the place and the recovery phrase has identical files', async () => {
    const empty = computer.another('empty machine');
    const target = fresh();
    expect(await empty.json(['restore', 'latest', '--target', target])).toMatchObject({ failed: 0, remarks: [] });
    expect(treeDifferences(documents, join(target, documents))).toEqual([]);
    expect(outsideDifferences(documents, join(target, documents))).toEqual([]);
  });

  test('with nothing but Node, the stand-alone tool and the phrase has identical files', async () => {
    const target = fresh();
    const ran = await computer.another('no coffer').standAlone(['--target', target]);
    expect(ran.exit, ran.err).toBe(0);
    expect(outsideDifferences(documents, join(target, documents), ['diff'])).toEqual([]);
  });

  test('maps the home of the person, says so before it does it, and does it', async () => {
    const other = computer.another('other home');
    const mapping = { from: computer.person, to: other.person };
    const dry = await other.json(['restore', 'latest', '--original', '--dry-run']);
    expect(dry).toMatchObject({ dryRun: true, plan: { mappings: [mapping], files: 8, conflicts: 0 } });
    expect(existsSync(join(mapping.to, 'documents'))).toBe(false);
    const shown = await other.coffer(['restore', 'latest', '--original', '--dry-run']);
    expect(shown.out).toContain(`${mapping.from} → ${mapping.to}`);
    expect(await other.json(['restore', 'latest', '--original'])).toMatchObject({ failed: 0 });
    expect(treeDifferences(documents, join(mapping.to, 'documents'))).toEqual([]);
  });
});

describe('files that exist', () => {
  /** A restored tree in which one file was changed and one removed. */
  async function changed(): Promise<string> {
    const target = fresh();
    await computer.json(['restore', 'latest', '--target', target]);
    writeFileSync(join(target, documents, 'notes.txt'), 'my own words\n');
    rmSync(join(target, documents, 'letters/a.txt'));
    return target;
  }
  const notes = (target: string): string => readFileSync(join(target, documents, 'notes.txt'), 'utf8');

  test('are left alone with skip, and what is missing comes back', async () => {
    const target = await changed();
    await computer.json(['restore', 'latest', '--target', target, '--on-conflict', 'skip']);
    expect(notes(target)).toBe('my own words\n');
    expect(readFileSync(join(target, documents, 'letters/a.txt'), 'utf8')).toBe('a');
  });

  test('are kept beside the restored ones with keep-both', async () => {
    const target = await changed();
    expect(await computer.json(['restore', 'latest', '--target', target, '--on-conflict', 'keep-both'])).toMatchObject({
      keptBoth: 1,
    });
    expect(notes(target)).toBe('my own words\n');
    const beside = readdirSync(join(target, documents)).filter((name) => /^notes.*restored/.test(name));
    expect(beside).toHaveLength(1);
    expect(readFileSync(join(target, documents, beside[0] ?? ''), 'utf8')).toBe('first line\n');
  });

  test('are replaced with overwrite, and undo puts them back', async () => {
    const target = await changed();
    expect(await computer.json(['restore', 'latest', '--target', target, '--on-conflict', 'overwrite'])).toMatchObject({
      replaced: 1,
    });
    // What was replaced lies beside it, hidden, until it can no longer be undone.
    const found = treeDifferences(documents, join(target, documents));
    expect(found.filter((line) => !/^\/\.coffer-[^/]+\.old: only on the right$/.test(line))).toEqual([]);
    expect(await computer.json(['undo'])).toMatchObject({ putBack: 1 });
    expect(notes(target)).toBe('my own words\n');
    expect(existsSync(join(target, documents, 'letters/a.txt'))).toBe(false);
  });
});

describe('undo', () => {
  test('of a restore into a new folder leaves nothing of it', async () => {
    const target = fresh();
    await computer.json(['restore', 'latest', '--target', target]);
    expect(await computer.json(['undo'])).toMatchObject({ kept: [] });
    expect(existsSync(join(target, documents))).toBe(false);
  });

  test('keeps and names what was changed since', async () => {
    const target = fresh();
    await computer.json(['restore', 'latest', '--target', target]);
    const path = join(target, documents, 'notes.txt');
    writeFileSync(path, 'worked on since\n');
    expect(await computer.json(['undo'])).toMatchObject({ kept: [{ path }] });
    expect(readFileSync(path, 'utf8')).toBe('worked on since\n');
    expect(existsSync(join(target, documents, 'photos'))).toBe(false);
  });
});

describe('a restore that was killed', () => {
  const rounds = 5;
  const seed = 77;

  test(`at any of ${rounds} moments goes on when it is run again, and leaves nothing else behind`, async () => {
    const source = computer.at('large');
    for (let number = 0; number < 300; number++) {
      mkdirSync(join(source, `${number % 10}`), { recursive: true });
      writeFileSync(join(source, `${number % 10}/${number}`), fastNoise(number * 200, number));
    }
    writeFileSync(join(source, 'large'), fastNoise(50_000_000, 'large'));
    await computer.json(['backup', source]);
    const whole = await computer.coffer(['restore', 'latest', '--target', fresh()]);
    const random = seededRandom(seed);
    let killed = 0;
    for (let round = 0; round < rounds; round++) {
      const target = fresh();
      const share = 0.3 + (0.7 * (random.bytes(1)[0] ?? 0)) / 256;
      const first = await computer.coffer(['restore', 'latest', '--target', target], {
        killAfterMs: whole.seconds * 1000 * share,
      });
      if (first.signal === 'SIGKILL') killed++;
      // Killed in its very last moment, a restore may have been done: then there is nothing to go on with.
      const isDone = existsSync(join(target, source)) && treeDifferences(source, join(target, source)).length === 0;
      const policy = first.signal === 'SIGKILL' && !isDone ? [] : ['--on-conflict', 'overwrite'];
      expect(await computer.json(['restore', 'latest', '--target', target, ...policy])).toMatchObject({
        failed: 0,
        remarks: [],
      });
      expect(treeDifferences(source, join(target, source))).toEqual([]);
      rmSync(target, { recursive: true });
    }
    console.info(`seed ${seed}: ${killed} of ${rounds} killed in time`);
    expect(killed).toBeGreaterThan(0);
  }, 120_000);
});

test('after all of this the vault is whole', async () => {
  expect(await computer.json(['check', '--read-data'])).toMatchObject({ whole: true, findings: [] });
});
