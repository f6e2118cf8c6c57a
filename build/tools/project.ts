import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';

/** Something a check has to say about a line. Warnings are shown; errors fail the check. */
export type Finding = {
  readonly file: string;
  readonly line: number;
  readonly level: 'error' | 'warning';
  readonly message: string;
};

export type SourceFile = {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
};

const leftOut = new Set(['node_modules', '.git', 'out', 'coverage']);

/** Every file of the project: what git tracks or would add; in a folder without git, every file. */
export function listFiles(root: string): string[] {
  return (listByGit(root) ?? listByWalk(root)).sort();
}

function listByGit(root: string): string[] | undefined {
  try {
    const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1024 * 1024,
    });
    return output.split('\0').filter((path) => path !== '');
  } catch {
    return undefined;
  }
}

function listByWalk(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((part) => leftOut.has(part)));
}

/** Reads the files among `paths` that are text and still there (a deleted file stays listed until it is committed). */
export function readSources(root: string, paths: readonly string[]): SourceFile[] {
  return paths.flatMap((path) => {
    try {
      const bytes = readFileSync(join(root, path));
      return bytes.includes(0) ? [] : [{ path, text: bytes.toString('utf8') }];
    } catch {
      return [];
    }
  });
}

export const isCode = (path: string): boolean =>
  /\.(ts|mts|mjs|js)$/.test(path) && !/(^|\/)(fixtures|goldens?)\//.test(path);

export function parse(file: SourceFile): ts.SourceFile {
  return ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
}

export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** The findings as text, one a line, in the order of files; `file:line` is what editors make clickable. */
export function describeFindings(findings: readonly Finding[]): string {
  return [...findings]
    .sort((left, right) => left.file.localeCompare(right.file) || left.line - right.line)
    .map(({ file, line, level, message }) => `${file}:${line}: ${level === 'warning' ? 'warning: ' : ''}${message}\n`)
    .join('');
}

/** For a check that is run by itself: prints what it found and ends the process accordingly. */
export function reportAndExit(name: string, findings: readonly Finding[]): void {
  process.stdout.write(describeFindings(findings));
  const errors = findings.filter((finding) => finding.level === 'error').length;
  process.stdout.write(`${name}: ${errors} to fix, ${findings.length - errors} to watch\n`);
  if (errors > 0) process.exitCode = 1;
}
