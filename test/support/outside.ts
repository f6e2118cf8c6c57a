import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';

/** Comparisons by programs that are not ours. Each gives the differences it found; null: the program is not here. */

export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0;
}

type Comparison = (left: string, right: string) => string[];

export type OutsideTool = {
  /** As a test's name says it. */
  readonly name: string;
  readonly program: string;
  readonly compare: Comparison;
};

export const outsideTools: readonly OutsideTool[] = [
  { name: 'diff -r', program: 'diff', compare: byDiff },
  { name: 'rsync -naXAHc --delete', program: 'rsync', compare: byRsync },
  { name: 'stat -c %y', program: 'stat', compare: byStat },
  { name: 'getfattr', program: 'getfattr', compare: byGetfattr },
  { name: 'getfacl', program: 'getfacl', compare: byGetfacl },
];

/** All that are here; for tests whose point is something else. */
export function outsideDifferences(left: string, right: string, programs?: readonly string[]): string[] {
  return outsideTools
    .filter(({ program }) => programs?.includes(program) ?? true)
    .filter(({ program }) => hasProgram(program))
    .flatMap(({ name, compare }) => compare(left, right).map((line) => `${name}: ${line}`))
    .slice(0, 40);
}

/** Contents and link targets. What is neither file, folder nor link it cannot compare and so says only that it is there. */
function byDiff(left: string, right: string): string[] {
  const { stdout, stderr, status } = spawnSync('diff', ['-rq', '--no-dereference', left, right], quietly);
  if (status !== null && status > 1) throw new Error(`diff failed: ${stderr}`);
  return linesOf(stdout).filter((line) => {
    const said = /^File .* is an? (.*) while file .* is an? (.*)$/s.exec(line);
    return said === null || said[1] !== said[2];
  });
}

/** Everything it knows, times to the nanosecond. The modification window of -1 is what makes it look that closely. */
function byRsync(left: string, right: string): string[] {
  const args = ['-naXAHc', '--delete', '--itemize-changes', '--modify-window=-1', `${left}/`, `${right}/`];
  const { stdout, stderr, status } = spawnSync('rsync', args, quietly);
  if (status !== 0) throw new Error(`rsync failed: ${stderr}`);
  // A socket or device it would have to make again is announced even where it is the same; their facts are compared by stat.
  return linesOf(stdout);
}

function byStat(left: string, right: string): string[] {
  return difference(statLines(left), statLines(right));
}

function statLines(folder: string): string[] {
  // Sizes of folders belong to the file system, not to what is in them.
  const facts = '%n\t%F\t%a\t%u:%g\t%y\t%h\t%t:%T';
  const command = `find . -mindepth 1 -type d -print0 | xargs -0r stat --printf '${facts}\\0' &&
    find . ! -type d -print0 | xargs -0r stat --printf '${facts}\\t%s\\0'`;
  return shell(command, folder).split('\0').sort();
}

function byGetfattr(left: string, right: string): string[] {
  return difference(
    blocksOf('getfattr -Rhd -m - -e hex . 2>&1', left),
    blocksOf('getfattr -Rhd -m - -e hex . 2>&1', right),
  );
}

function byGetfacl(left: string, right: string): string[] {
  return difference(blocksOf('getfacl -RPn . 2>&1', left), blocksOf('getfacl -RPn . 2>&1', right));
}

/** Both print one block an entry, in the order of the folder. */
function blocksOf(command: string, folder: string): string[] {
  // Links have no ACLs, which getfacl says in a line of its own.
  return shell(command, folder).split('\n\n').sort();
}

/** Bytes of names are kept, one letter each. */
function shell(command: string, folder: string): string {
  return execFileSync('sh', ['-c', command], { cwd: folder, ...quietly }).toString();
}

const quietly = {
  encoding: 'latin1',
  maxBuffer: 1 << 30,
  env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
} as const;

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

function difference(left: readonly string[], right: readonly string[]): string[] {
  const [one, other] = [new Set(left), new Set(right)];
  return [
    ...left.filter((line) => !other.has(line)).map((line) => `- ${line}`),
    ...right.filter((line) => !one.has(line)).map((line) => `+ ${line}`),
  ].slice(0, 20);
}

/** 512-byte blocks in use. */
export function blocksInUse(folder: string, name: string): number {
  return lstatSync(join(folder, name)).blocks;
}
