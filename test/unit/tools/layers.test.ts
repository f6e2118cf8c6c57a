import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rooms } from '../../../build/tools/layer-table.ts';
import { checkLayers } from '../../../build/tools/layers.ts';
import { makeFixture } from './fixture.ts';

function messagesFor(files: Readonly<Record<string, string>>): string[] {
  using fixture = makeFixture(files);
  return checkLayers(fixture.root).map(({ file, line, message }) => `${file}:${line}: ${message}`);
}

const messagesForFile = (path: string, text: string): string[] => messagesFor({ [path]: text });

describe('the layer table', () => {
  test('names reason and replacement when a lower room imports a higher one', () => {
    const [message, ...more] = messagesForFile(
      'engine/format/pack.ts',
      "\nimport { put } from '../storage/index.ts';\nput();",
    );
    expect(more).toEqual([]);
    expect(message).toMatch(
      /^engine\/format\/pack\.ts:2: format may not import storage: .+ Instead: .+ \(It knows base\.\)$/,
    );
  });

  test.each([
    ['a type import', "import type { Store } from '../storage/index.ts';"],
    ['a re-export', "export * from '../storage/index.ts';"],
    ['a dynamic import', "await import('../storage/index.ts');"],
    ['an import type', "let store: import('../storage/index.ts').Store;"],
    ['a thread that starts there', "new URL('../storage/worker.ts', import.meta.url);"],
  ])('sees %s', (_, text) => {
    expect(messagesForFile('engine/crypto/keys.ts', text)).toEqual([
      expect.stringContaining('crypto may not import storage'),
    ]);
  });

  test.each([
    ['engine/base/a.ts', '../format/index.ts'],
    ['engine/filesystem/a.ts', '../storage/index.ts'],
    ['engine/pool/a.ts', '../repository/index.ts'],
    ['engine/repository/a.ts', '../pool/index.ts'],
    ['engine/snapshot/a.ts', '../index.ts'],
    ['engine/snapshot/a.ts', '../hosts/cli/main.ts'],
    ['engine/hosts/cli/main.ts', '../../snapshot/index.ts'],
    ['engine/index.ts', './hosts/cli/main.ts'],
    ['engine/base/a.ts', '../../test/support/random.ts'],
    ['build/tools/a.ts', '../../engine/snapshot/index.ts'],
    ['coffer-restore.mjs', './engine/base/index.ts'],
    ['coffer-restore.mjs', 'cborg'],
  ])('forbids %s to import %s', (from, specifier) => {
    expect(messagesForFile(from, `import '${specifier}';`)).toEqual([expect.stringContaining(' may not import ')]);
  });

  test.each([
    ['engine/snapshot/a.ts', '../repository/index.ts'],
    ['engine/storage/local/store.ts', '../../filesystem/index.ts'],
    ['engine/index.ts', './snapshot/index.ts'],
    ['engine/hosts/cli/main.ts', '../../index.ts'],
    ['engine/hosts/cli/main.ts', '../../base/index.ts'],
    ['engine/pool/a.ts', './b.ts'],
    ['test/unit/a.test.ts', '../../engine/snapshot/inner.ts'],
    ['coffer-restore.mjs', 'node:crypto'],
  ])('allows %s to import %s', (from, specifier) => {
    expect(messagesForFile(from, `import '${specifier}';`)).toEqual([]);
  });

  test('keeps inner files of a room closed, except to the entry of a worker', () => {
    const text = "import { id } from '../crypto/keyed-id.ts';";
    expect(messagesForFile('engine/snapshot/scan.ts', text)).toEqual([
      expect.stringContaining('import from engine/crypto/index.ts'),
    ]);
    expect(messagesForFile('engine/snapshot/worker.ts', text)).toEqual([]);
    expect(messagesForFile('engine/snapshot/backup-worker.ts', text)).toEqual([]);
  });

  test('asks for a row when a new room appears', () => {
    expect(messagesForFile('engine/attic/box.ts', 'export const box = 1;')).toEqual([
      expect.stringContaining('no row in build/tools/layer-table.ts'),
    ]);
  });

  test('lets only its room import a module', () => {
    for (const [module, room] of [
      ['node:crypto', 'crypto'],
      ['@napi-rs/blake-hash', 'crypto'],
      ['hash-wasm', 'crypto'],
      ['@scure/bip39/wordlists/english.js', 'crypto'],
      ['cborg', undefined],
      ['koffi', 'filesystem'],
      ['node:fs/promises', 'filesystem'],
      ['fs', 'filesystem'],
      ['node:worker_threads', 'pool'],
      ['node:timers/promises', undefined],
      ['vitest', undefined],
    ] as const) {
      for (const name of ['format', 'crypto', 'filesystem', 'pool', 'repository', 'snapshot']) {
        const expected = name === room ? [] : [expect.stringMatching(/ is allowed .+ Instead: /)];
        expect(messagesForFile(`engine/${name}/a.ts`, `import '${module}';`), `${module} in ${name}`).toEqual(expected);
      }
    }
  });

  test('finds a circle of files once, with its whole way', () => {
    const messages = messagesFor({
      'engine/pool/a.ts': "import './b.ts';",
      'engine/pool/b.ts': "import type { C } from './c.ts';",
      'engine/pool/c.ts': "import './a.ts';",
      'engine/pool/d.ts': "import './a.ts';",
    });
    expect(messages).toEqual([
      expect.stringContaining('engine/pool/a.ts → engine/pool/b.ts → engine/pool/c.ts → engine/pool/a.ts'),
    ]);
  });

  test('has no circle in itself', () => {
    const below = new Map(rooms.map((room) => [room.name, room.mayUse]));
    const reaches = (from: string, to: string): boolean =>
      (below.get(from) ?? []).some((next) => next === to || reaches(next, to));
    for (const room of rooms) expect(reaches(room.name, room.name), room.name).toBe(false);
  });
});

describe('globals of the world', () => {
  test.each([
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'Math.random()',
    'performance.now()',
    'setTimeout(() => {}, 1)',
    'const wait = setInterval',
    'globalThis.setImmediate(() => {})',
    'globalThis.process.env.HOME',
    'AbortSignal.timeout(5)',
    'process.env.HOME',
    "process['env']",
    'const { env } = process',
    'const { env: mine } = process',
    "import { env } from 'node:process'",
    "import process from 'node:process'; process.env",
    'process.exit(1)',
    'process.hrtime.bigint()',
    "console.warn('x')",
    'const log = { console }',
    'crypto.randomUUID()',
    "fetch('http://localhost')",
  ])('%s is an error in a room of the engine', (text) => {
    expect(messagesForFile('engine/snapshot/a.ts', text)).toEqual([expect.stringMatching(/ is allowed .+ Instead: /)]);
  });

  test.each([
    'new Date(5)',
    'Date.parse("2020-01-01")',
    'Math.min(1, 2)',
    'process.platform',
    'process.getuid?.()',
    'clock.setTimeout()',
    'const table = { console: 1, setTimeout: 2 }; table.console',
    'type Host = { readonly console: Console; setTimeout(): void }',
    'let handle: ReturnType<typeof setTimeout>',
    'function run(fetch: () => void) { fetch(); }',
    '// Date.now() belongs to the clock',
    "const words = 'Date.now()'",
  ])('%s is none', (text) => {
    expect(messagesForFile('engine/snapshot/a.ts', text)).toEqual([]);
  });

  test('are free in their adapters, in tests and in tools', () => {
    expect(messagesForFile('engine/base/clock.ts', 'Date.now(); setTimeout(() => {}, 1);')).toEqual([]);
    expect(messagesForFile('engine/base/random.ts', "import 'node:crypto';")).toEqual([]);
    expect(messagesForFile('engine/hosts/cli/main.ts', 'console.error(process.env.HOME);')).toEqual([]);
    expect(messagesForFile('test/unit/a.test.ts', 'Date.now(); setTimeout(() => {}, 1);')).toEqual([]);
  });
});

test('a violation ends the program with a failure', () => {
  using fixture = makeFixture({ 'engine/base/a.ts': "import '../pool/index.ts';" });
  const program = join(import.meta.dirname, '../../../build/tools/layers.ts');
  const result = spawnSync(process.execPath, [program], { cwd: fixture.root, encoding: 'utf8' });
  expect(result.stdout).toContain('engine/base/a.ts:1: base may not import pool');
  expect(result.status).toBe(1);
});
