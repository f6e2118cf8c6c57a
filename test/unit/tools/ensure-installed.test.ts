import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
// @ts-expect-error a plain script without types, since it runs before anything is installed
import { findNode, isInstalled } from '../../../build/tools/ensure-installed.mjs';
import { makeFixture } from './fixture.ts';

type Entry = { readonly version?: string; readonly integrity?: string; readonly optional?: boolean };

const nodePackage = `node_modules/node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const pear: Entry = { version: '1.0.0', integrity: 'sha512-pear' };

function isInstalledWith(wanted: Record<string, Entry>, present?: Record<string, Entry>): boolean {
  using fixture = makeFixture({
    'package-lock.json': JSON.stringify({ packages: { '': { version: '0.1.0' }, ...wanted } }),
    ...(present && { 'node_modules/.package-lock.json': JSON.stringify({ packages: present }) }),
  });
  return isInstalled(fixture.root);
}

describe('dependencies count as installed', () => {
  test('when every locked package is there', () => {
    expect(isInstalledWith({ 'node_modules/pear': pear }, { 'node_modules/pear': pear })).toBe(true);
  });

  test('when one for another system is not', () => {
    const other = { ...pear, optional: true };
    expect(isInstalledWith({ 'node_modules/pear-other-os': other }, {})).toBe(true);
  });
});

describe('dependencies count as missing', () => {
  test.each([
    ['on a fresh clone', { 'node_modules/pear': pear }, undefined],
    ['when one is absent', { 'node_modules/pear': pear }, {}],
    ['when one has another version', { 'node_modules/pear': pear }, { 'node_modules/pear': { ...pear, version: '2' } }],
    ['when one has other bytes', { 'node_modules/pear': pear }, { 'node_modules/pear': { ...pear, integrity: 'x' } }],
    ['when one is too many', {}, { 'node_modules/pear': pear }],
    ['when this computer lacks its Node', { [nodePackage]: { ...pear, optional: true } }, {}],
  ] as const)('%s', (_, wanted, present) => {
    expect(isInstalledWith(wanted, present)).toBe(false);
  });
});

function install(root: string): { status: number | null; stdout: string; stderr: string } {
  const script = join(import.meta.dirname, '../../../build/tools/ensure-installed.mjs');
  const program = `import { ensureInstalled } from ${JSON.stringify(script)};
    ensureInstalled({ folder: ${JSON.stringify(root)}, quiet: true });`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
}

test('installing leaves stdout to the command that follows', () => {
  const pearBeside = { dependencies: { pear: 'file:pear' } };
  const packages = {
    '': pearBeside,
    'node_modules/pear': { resolved: 'pear', link: true },
    pear: { version: '1.0.0' },
  };
  using fixture = makeFixture({
    'package.json': JSON.stringify(pearBeside),
    'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages }),
    'pear/package.json': JSON.stringify({ name: 'pear', version: '1.0.0' }),
  });
  const result = install(fixture.root);
  expect(result).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(isInstalled(fixture.root)).toBe(true);
});

test('what cannot be installed is said in words', () => {
  using fixture = makeFixture({ 'package.json': '{}', 'package-lock.json': 'torn' });
  const result = install(fixture.root);
  expect(result.stderr).toContain('Could not install the dependencies: npm ended with');
  expect(result).toMatchObject({ status: 1, stdout: '' });
});

test('the pinned Node is found and runs', () => {
  const node: string = findNode();
  expect(existsSync(node)).toBe(true);
  expect(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout).toMatch(/^v24\./);
});
