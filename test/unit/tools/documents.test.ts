import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rooms } from '../../../build/tools/layer-table.ts';
import { exitRows } from '../../../engine/hosts/cli/help.ts';

const root = join(import.meta.dirname, '../../..');
const documents = ['README.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CHANGELOG.md', 'docs/ERRORS.md', 'docs/COMMANDS.md'];
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The rows of the table under these titles, cell by cell. */
function tableIn(text: string, ...titles: string[]): string[][] {
  const from = text.indexOf(`| ${titles.join(' | ')} |\n`);
  const [table = ''] = text.slice(from).split('\n\n');
  const lines = from < 0 ? [] : table.trim().split('\n').slice(2);
  return lines.map((line) => line.slice(2, -2).split(' | '));
}

describe('the documents say what the code says', () => {
  test('README.md: the exit codes', () => {
    expect(tableIn(read('README.md'), 'code', 'meaning')).toEqual(exitRows());
  });

  test('ARCHITECTURE.md: who may import whom', () => {
    const rows = rooms.map(({ name, mayUse }) => [name, mayUse.join(', ') || 'nothing of ours']);
    expect(tableIn(read('ARCHITECTURE.md'), 'room', 'may import')).toEqual(rows);
  });

  test.each(documents)('%s: every link leads somewhere', (document) => {
    const text = read(document);
    const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    const missing = links.filter((link) => !existsSync(join(root, dirname(document), link)));
    expect(missing).toEqual([]);
  });

  test('ARCHITECTURE.md: every file it names is there', () => {
    const named = [...read('ARCHITECTURE.md').matchAll(/`((?:engine|build|docs|test)\/[\w./-]+\.\w+)`/g)];
    expect(named.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
