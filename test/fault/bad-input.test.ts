import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Computer,
  computerAt,
  copyFolder,
  isRoot,
  makeComputer,
  passphrase,
  type Ran,
} from '../support/coffer.ts';
import { fastNoise } from '../support/fast-noise.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { sampleTree, treeDifferences, writeTree } from '../support/trees.ts';
import { flipByte } from '../support/vault.ts';

/** Row 6 of the issue: whatever people and disks do wrong, three calm sentences, the right exit code, nothing lost. */

let computer: Computer;
let source: string;
const otherPhrase = `${'abandon '.repeat(23)}art`;

beforeAll(async () => {
  computer = await makeComputer('coffer-bad');
  source = computer.at('source');
  writeTree(source, sampleTree());
  await computer.json(['backup', source]);
}, 60_000);

afterAll(() => computer.remove());

/** What happened, what it means, what to do: one line each, and nothing for programmers. */
function expectSentences({ err }: Ran, words: RegExp): void {
  const lines = err.trimEnd().split('\n');
  expect(err).toMatch(words);
  expect(err).not.toMatch(/\n\s+at |Error:|node:|\.ts:|undefined|\[object|NaN|\{\w+\}/);
  expect(lines.length).toBeGreaterThanOrEqual(2);
  for (const line of lines.slice(-3)) expect(line).toMatch(/[.:)\]\w]$/);
}

/** Another vault with the same content, to be harmed. */
function copyOfVault(name: string): Computer {
  const store = copyFolder(computer.store, computer.at(name, 'store'));
  return computerAt({ ...computer, home: computer.at(name, 'home'), store });
}

const atFile = (): Computer => computer.another('file', join(source, 'notes.txt'));

type Case = {
  readonly what: string;
  readonly exit: number;
  readonly words: RegExp;
  readonly run: () => Promise<Ran>;
};

const without = { COFFER_PHRASE: undefined };

const secrets: readonly Case[] = [
  {
    what: 'a wrong passphrase',
    exit: 5,
    words: /passphrase does not open this vault.*Nothing was changed.*recovery phrase/s,
    run: () => computer.coffer(['snapshots'], { environment: { ...without, COFFER_PASSPHRASE: 'wrong' } }),
  },
  {
    what: 'the recovery phrase of another vault',
    exit: 5,
    words: /phrase does not belong to this vault/,
    run: () => computer.coffer(['snapshots'], { environment: { COFFER_PHRASE: otherPhrase } }),
  },
  {
    what: 'words that are no recovery phrase',
    exit: 5,
    words: /not the 24 words/,
    run: () => computer.coffer(['snapshots'], { environment: { COFFER_PHRASE: 'one two three' } }),
  },
  {
    what: 'no secret and nobody to ask',
    exit: 5,
    words: /passphrase is needed.*COFFER_PASSPHRASE/s,
    run: () => computer.coffer(['backup', source], { environment: without }),
  },
  {
    what: 'a passphrase file that is not there',
    exit: 5,
    words: /passphrase file .* cannot be read/,
    run: () => computer.coffer(['snapshots', '--passphrase-file', computer.at('nowhere')]),
  },
];

const places: readonly Case[] = [
  {
    what: 'a store that is not there',
    exit: 6,
    words: /The place .* cannot be found.*connect the drive/s,
    run: () => computer.another('h', computer.at('nowhere')).coffer(['backup', source]),
  },
  {
    what: 'a folder that is no vault',
    exit: 6,
    words: /There is no vault at .*coffer init/s,
    run: () => computer.another('h', source).coffer(['backup', source]),
  },
  {
    what: 'a file "config" of another program',
    exit: 4,
    words: /"config" .* is not that of a Coffer vault/,
    run: () => {
      const other = copyOfVault('foreign');
      writeFileSync(join(other.store, 'config'), '[core]\n\tbare = false\n');
      return other.coffer(['snapshots']);
    },
  },
  {
    what: 'a store that is a file',
    exit: 6,
    words: /place .*notes\.txt is not a folder.*Nothing was backed up/s,
    run: () => atFile().coffer(['backup', source]),
  },
  {
    what: 'a newer format',
    exit: 1,
    words: /newer Coffer wrote this vault.*Nothing was changed.*Install the newest/s,
    run: () => {
      const other = copyOfVault('newer');
      const config = readFileSync(join(other.store, 'config'));
      config.writeUInt16LE(2, 8);
      config.writeUInt16LE(2, 10);
      writeFileSync(join(other.store, 'config'), config);
      return other.coffer(['backup', source]);
    },
  },
  {
    what: 'a damaged config',
    exit: 4,
    words: /damaged "config"/,
    run: () => {
      const other = copyOfVault('damaged');
      flipByte(join(other.store, 'config'), -5);
      return other.coffer(['snapshots']);
    },
  },
  {
    what: 'key slots that are all damaged',
    exit: 4,
    words: /key slot .* is damaged.*add a new passphrase/s,
    run: () => {
      const other = copyOfVault('slots');
      for (const name of readdirSync(join(other.store, 'keys'))) flipByte(join(other.store, 'keys', name), -3);
      return other.coffer(['snapshots']);
    },
  },
  {
    what: 'key slots that are gone',
    exit: 4,
    words: /has no key slots/,
    run: () => {
      const other = copyOfVault('no-slots');
      for (const name of readdirSync(join(other.store, 'keys'))) rmSync(join(other.store, 'keys', name));
      return other.coffer(['snapshots']);
    },
  },
  {
    what: 'a place for a new vault that holds something else',
    exit: 1,
    words: /not empty and holds no vault/,
    run: () => computer.another('h', source).coffer(['init'], { environment: { COFFER_PASSPHRASE: passphrase } }),
  },
  {
    what: 'a place for a new vault that has one',
    exit: 1,
    words: /There is a vault at .*left as it is/s,
    run: () => computer.coffer(['init'], { environment: { COFFER_PASSPHRASE: passphrase } }),
  },
  {
    what: 'a place for a new vault that is a file',
    exit: 6,
    words: /place .*notes\.txt is not a folder.*left as it is.*new vault/s,
    run: () => atFile().coffer(['init'], { environment: { COFFER_PASSPHRASE: passphrase } }),
  },
  {
    what: 'a COFFER_HOME that is a file',
    exit: 1,
    words: /folder for Coffer’s own data.*COFFER_HOME/s,
    run: () => computer.coffer(['backup', source], { environment: { COFFER_HOME: join(source, 'notes.txt') } }),
  },
];

const words: readonly Case[] = [
  { what: 'an unknown command', exit: 2, words: /protect/, run: () => computer.coffer(['protect', source]) },
  { what: 'an unknown option', exit: 2, words: /--fast/, run: () => computer.coffer(['backup', '--fast', source]) },
  { what: 'a backup of nothing', exit: 2, words: /PATH|path/, run: () => computer.coffer(['backup']) },
  {
    what: 'a source that is not there',
    exit: 1,
    words: /There is no .*gone.*spelling/s,
    run: () => computer.coffer(['backup', computer.at('gone')]),
  },
  {
    what: 'a snapshot that is not there',
    exit: 2,
    words: /no snapshot ffff.*coffer snapshots/s,
    run: () => computer.coffer(['restore', 'ffff', '--target', computer.at('t1')]),
  },
  {
    what: 'a path that the snapshot does not have',
    exit: 1,
    words: /has no .*absent.*coffer ls/s,
    run: () => computer.coffer(['restore', 'latest', '--target', computer.at('t2'), join(source, 'absent')]),
  },
  {
    what: 'a restore without a target',
    exit: 2,
    words: /--target DIR/,
    run: () => computer.coffer(['restore', 'latest']),
  },
  {
    what: 'a target that is not empty',
    exit: 1,
    words: /target .* is not empty.*Nothing was written.*--on-conflict/s,
    run: () => computer.coffer(['restore', 'latest', '--target', source]),
  },
  {
    what: 'a target that is a file',
    exit: 1,
    words: /target .* cannot be used/,
    run: () => computer.coffer(['restore', 'latest', '--target', join(source, 'notes.txt')]),
  },
  {
    what: 'a file of patterns that is not there',
    exit: 2,
    words: /file of patterns .* cannot be read/,
    run: () => computer.coffer(['backup', '--exclude-file', computer.at('gone'), source]),
  },
  { what: 'nothing to undo', exit: 1, words: /no restore to undo/, run: () => computer.coffer(['undo']) },
];

describe.each([
  ['secrets', secrets],
  ['places', places],
  ['words', words],
] as const)('%s', (_, cases) => {
  test.each(cases)('$what ends with $exit and calm words', async ({ exit, words: expected, run }) => {
    const ran = await run();
    expect(ran.exit, ran.err).toBe(exit);
    expectSentences(ran, expected);
    expect(ran.out).toBe('');
  });
});

test('a damaged key slot does not keep the others from opening the vault', async () => {
  const other = copyOfVault('one-slot');
  for (const name of readdirSync(join(other.store, 'keys'))) {
    const path = join(other.store, 'keys', name);
    // Byte 5 says which kind of secret it belongs to: 1 is the passphrase.
    if (readFileSync(path)[5] === 1) flipByte(path, 40);
  }
  expect((await other.coffer(['snapshots'])).exit).toBe(0);
});

test('with --json an error is one line with a code, and nothing on standard output', async () => {
  const ran = await computer.another('h', computer.at('nowhere')).coffer(['snapshots', '--json']);
  expect(ran).toMatchObject({ exit: 6, out: '' });
  expect(JSON.parse(ran.err)).toMatchObject({
    error: { code: 'store.missing', context: { store: computer.at('nowhere') } },
  });
});

test('a restore from a vault without snapshots says that there is none', async () => {
  const empty = await makeComputer('coffer-empty');
  try {
    const ran = await empty.coffer(['restore', 'latest', '--target', empty.at('t')]);
    expect(ran.exit).toBe(1);
    expectSentences(ran, /no snapshot yet.*coffer backup/s);
  } finally {
    empty.remove();
  }
});

test('a file that may not be read is named, the others are saved, and the exit code is 3', async (context) => {
  const other = await makeComputer('coffer-unreadable');
  try {
    const folder = other.at('mine');
    writeTree(folder, { 'open.txt': 'readable', 'closed.txt': 'not readable', shut: { 'inside.txt': 'x' } });
    chmodSync(join(folder, 'closed.txt'), 0);
    chmodSync(join(folder, 'shut'), 0);
    if (isRoot) giveToNobody(other.folder);
    const ran = await other.coffer(['backup', '--json', folder], isRoot ? { uid: nobody } : {});
    if (ran.exit === 126 || ran.exit === 127) context.skip('another user may not run the program from where it lies');
    expect(ran.exit, ran.err).toBe(3);
    expect(JSON.parse(ran.out)).toMatchObject({
      files: 1,
      failed: 2,
      failures: expect.arrayContaining([
        { path: join(folder, 'closed.txt'), code: 'EACCES' },
        { path: join(folder, 'shut'), code: 'EACCES' },
      ]),
    });
    const plain = await other.coffer(['backup', folder], isRoot ? { uid: nobody } : {});
    expect(plain.exit).toBe(3);
    expect(plain.err).toMatch(/closed\.txt/);
    expect((await other.coffer(['check', '--read-data'])).exit).toBe(0);
  } finally {
    other.remove();
  }
});

const nobody = 65_534;

function giveToNobody(folder: string): void {
  chownSync(folder, nobody, nobody);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    chownSync(join(folder, name), nobody, nobody);
}

test('a store inside the source is left out and counted', async () => {
  const other = await makeComputer('coffer-inside');
  try {
    writeTree(other.at('files'), sampleTree());
    const result = await other.json(['backup', other.folder]);
    expect(result).toMatchObject({ failed: 0, excluded: { vault: expect.any(Number) } });
    expect(JSON.stringify(result.leftOut)).toContain(other.store);
  } finally {
    other.remove();
  }
});

describe('disks', () => {
  test('a store that fills up: words, and the next backup goes on when there is space', async (context) => {
    if (!isRoot) context.skip('a small disk needs root');
    const disk = mountSmallDisk(computer.at('disk'), 24);
    if (disk === null) return context.skip('this system does not let root mount a small disk');
    try {
      const other = computer.another('full', join(disk.path, 'store'));
      const made = await other.coffer(['init', '--json'], { environment: { COFFER_PASSPHRASE: passphrase } });
      const full = computerAt({
        ...other,
        phrase: (JSON.parse(made.out) as { recoveryPhrase: string }).recoveryPhrase,
      });
      writeTree(computer.at('much'), { large: fastNoise(60_000_000, 3), small: 'text' });
      const ran = await full.coffer(['backup', computer.at('much')]);
      expect(ran.exit, ran.err).toBe(1);
      expectSentences(ran, /is full.*stays safe.*goes on where it stopped/s);
      expect(await full.json(['check', '--read-data'])).toMatchObject({ whole: true });
      disk.resize(200);
      expect(await full.json(['backup', computer.at('much')])).toMatchObject({ failed: 0 });
      expect(await full.json(['check', '--read-data'])).toMatchObject({ whole: true, affectedFiles: 0 });
    } finally {
      disk.unmount();
    }
  });

  test('a target that fills up: words, and the next restore goes on when there is space', async (context) => {
    if (!isRoot) context.skip('a small disk needs root');
    const disk = mountSmallDisk(computer.at('target disk'), 2);
    if (disk === null) return context.skip('this system does not let root mount a small disk');
    try {
      const target = join(disk.path, 'restored');
      const ran = await computer.coffer(['restore', 'latest', '--target', target]);
      expect(ran.exit, ran.err).toBe(1);
      expectSentences(ran, /is full.*whole.*goes on where it stopped/s);
      disk.resize(100);
      expect(await computer.json(['restore', 'latest', '--target', target])).toMatchObject({ failed: 0 });
      expect(treeDifferences(source, join(target, source))).toEqual([]);
    } finally {
      disk.unmount();
    }
  });

  test('a store that is read-only can be read and says that it cannot be written', async (context) => {
    if (!isRoot) context.skip('a read-only disk needs root');
    const disk = mountSmallDisk(computer.at('read-only'), 50);
    if (disk === null) return context.skip('this system does not let root mount a small disk');
    try {
      const other = computer.another('reader', copyFolder(computer.store, join(disk.path, 'store')));
      writeTree(computer.at('new'), { 'new.txt': 'new' });
      disk.readOnly();
      const ran = await other.coffer(['backup', computer.at('new')]);
      expect([1, 6], ran.err).toContain(ran.exit);
      expectSentences(ran, /(read-only|does not let Coffer|EROFS)/);
      expect(await other.json(['check', '--read-data'])).toMatchObject({ whole: true });
      expect((await other.json<unknown[]>(['snapshots'])).length).toBe(1);
    } finally {
      disk.unmount();
    }
  });
});

test('after all of this the vault is whole and its snapshot restores', async () => {
  expect(await computer.json(['check', '--read-data'])).toMatchObject({ whole: true, findings: [] });
  const target = computer.at('at the end');
  await computer.json(['restore', 'latest', '--target', target]);
  expect(treeDifferences(source, join(target, source))).toEqual([]);
  expect(existsSync(computer.at('t1'))).toBe(false);
});
