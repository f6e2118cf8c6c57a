import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFixture } from './fixture.ts';

const project = join(import.meta.dirname, '../../..');

/** Runs the check over a project that consists of these files and this project's settings. */
function check(files: Readonly<Record<string, string>>): { status: number | null; output: string } {
  using fixture = makeFixture(files);
  for (const name of ['tsconfig.json', 'biome.json', 'package.json', '.gitignore']) {
    copyFileSync(join(project, name), join(fixture.root, name));
  }
  spawnSync('git', ['init', '--quiet'], { cwd: fixture.root });
  mkdirSync(join(fixture.root, 'node_modules'));
  for (const name of ['@biomejs', '@types', 'typescript']) {
    symlinkSync(join(project, 'node_modules', name), join(fixture.root, 'node_modules', name));
  }
  const result = spawnSync(process.execPath, [join(project, 'build/tools/check.ts')], {
    cwd: fixture.root,
    encoding: 'utf8',
  });
  return { status: result.status, output: result.stdout };
}

test('passes what is clean', () => {
  const { status, output } = check({ 'engine/base/one.ts': 'export const one: number = 1;\n' });
  expect(output).toMatch(/check: all clean\n$/);
  expect(status).toBe(0);
});

test('shows in one run everything that is wrong', () => {
  const { status, output } = check({
    'engine/base/types.ts': "export const one: number = 'one';\n",
    'engine/base/format.ts': 'export const one: number  =  1\n',
    'engine/base/lint.ts': 'async function save(): Promise<void> {}\nexport function run(): void {\n  save();\n}\n',
    'engine/base/layers.ts': 'export const now = (): number => Date.now();\n',
    'engine/base/tidy.ts': `// TO${'DO'}: later\nexport const one: number = 1;\n`,
  });
  expect(output).toMatch(/types\.ts\(1,14\): error TS2322/);
  expect(output).toMatch(/format\.ts: format: /);
  expect(output).toMatch(/lint\.ts:3:3: lint\/nursery\/noFloatingPromises/);
  expect(output).toMatch(/layers\.ts:1: Date\.now is allowed only in engine\/base\/clock\.ts/);
  expect(output).toMatch(/tidy\.ts:1: /);
  expect(output).toMatch(/check: layers, tidy, lint and format, types to fix\n$/);
  expect(status).toBe(1);
});
