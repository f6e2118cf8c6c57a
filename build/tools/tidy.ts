import { homedir } from 'node:os';
import ts from 'typescript';
import {
  type Finding,
  isCode,
  lineOf,
  listFiles,
  parse,
  readSources,
  reportAndExit,
  type SourceFile,
} from './project.ts';

type Budget = { readonly watch: number; readonly most: number };

/** Lines of a file. What coordinates grows without end unless something says stop; a test file may list more cases. */
const fileBudgets: readonly { readonly path: RegExp; readonly budget: Budget; readonly instead: string }[] = [
  {
    path: /^coffer-restore\.mjs$/, // One file without packages is its promise: it carries its own hashes and codecs.
    budget: { watch: 2000, most: 2500 },
    instead: 'leave out what a restore in ten years does not need',
  },
  { path: /^test\//, budget: { watch: 600, most: 1000 }, instead: 'one file for each thing under test' },
  { path: /./, budget: { watch: 400, most: 700 }, instead: 'give one of its concepts a file of its own' },
];

const functionBudget: Budget = { watch: 70, most: 140 };

type Leftover = { readonly pattern: RegExp; readonly where: (path: string) => boolean; readonly message: string };

const everywhere = (): boolean => true;
const declaresTest = /^(it|test|describe|suite)\b/;
const printing = /^(engine\/hosts\/|test\/bench\/|test\/long\/|coffer-restore\.mjs$)/;

// Patterns are written with brackets so that they do not find themselves.
const leftovers: readonly Leftover[] = [
  {
    pattern: /\b(TO[D]O|FIX[M]E|XX[X])\b/,
    where: everywhere,
    message: 'a note to oneself: do it, or write down why not',
  },
  {
    pattern: /@ts-ig[n]ore|@ts-noc[h]eck/,
    where: isCode,
    message: 'hides every mistake of the line: use @ts-expect-error with the reason behind it, or fix the type',
  },
  {
    pattern: /@ts-expect-e[r]ror\s*(\*\/)?$/,
    where: isCode,
    message: 'say behind it why the compiler is wrong here',
  },
  {
    pattern: /\bregistry\.[a-z]+\.(org|com|io)\b|"resolv[e]d": "http/,
    where: everywhere,
    message: 'a registry by name: packages are named by version and digest alone (see .npmrc)',
  },
  {
    pattern: /(^|[\s'"`(=:])\/w[o]rk\/|\/tmp\/b[a]sh_|\/\.libra[r]y\//,
    where: everywhere,
    message: 'a path of one computer: take it from an option, or make a temporary folder',
  },
  {
    pattern: /\b(l[a]nguage model|s[u]bagent|sy[s]tem prompt|A[I] (agent|assistant))\b/i,
    where: everywhere,
    message: 'speaks of how the project was written: write about the project',
  },
];

/** Budgets, leftovers, and traces of the computer that the files were written on. */
export function checkTidy(root: string): Finding[] {
  const traces = tracesOf(root);
  return readSources(root, listFiles(root)).flatMap((file) => [
    ...checkLines(file, traces),
    ...(isCode(file.path) ? [...checkFileBudget(file), ...checkSyntax(file)] : []),
  ]);
}

function isTest(path: string): boolean {
  return path.startsWith('test/') && isCode(path);
}

/** The folder of this checkout and of its owner; short ones (`/root`) are left out because tests use them as examples. */
function tracesOf(root: string): string[] {
  return [root, homedir()].filter((path) => path.split(/[/\\]/).filter((part) => part !== '').length >= 2);
}

function checkLines(file: SourceFile, traces: readonly string[]): Finding[] {
  const rules = leftovers.filter((rule) => rule.where(file.path));
  return file.text.split('\n').flatMap((text, index) => {
    const at = { file: file.path, line: index + 1, level: 'error' } as const;
    const found = rules.flatMap((rule) => {
      const match = rule.pattern.exec(text);
      return match === null ? [] : [{ ...at, message: `"${match[0].trim()}": ${rule.message}` }];
    });
    const trace = traces.find((path) => text.includes(`${path}/`) || text.endsWith(path));
    return trace === undefined
      ? found
      : [...found, { ...at, message: 'names the folder of this checkout or its owner' }];
  });
}

function checkFileBudget(file: SourceFile): Finding[] {
  const row = fileBudgets.find(({ path }) => path.test(file.path));
  const lines = file.text.split('\n').length - 1;
  if (row === undefined) return [];
  return judgeLength({ file: file.path, line: 1 }, `the file has ${lines} lines`, lines, row.budget, row.instead);
}

function checkSyntax(file: SourceFile): Finding[] {
  const source = parse(file);
  const findings: Finding[] = [];
  const visit = (node: ts.Node): void => {
    const at = { file: file.path, line: lineOf(source, node) };
    if (isFunctionWithBody(node)) {
      const lines = ownLength(source, node);
      const words = `${nameOf(node)} has ${lines} lines of its own`;
      findings.push(...judgeLength(at, words, lines, functionBudget, 'name its steps and let it read as their list'));
    }
    const leftover = leftoverIn(file, node);
    if (leftover !== undefined) findings.push({ ...at, level: 'error', message: leftover });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

function judgeLength(
  at: { readonly file: string; readonly line: number },
  words: string,
  lines: number,
  budget: Budget,
  instead: string,
): Finding[] {
  if (lines <= budget.watch) return [];
  const level = lines > budget.most ? 'error' : 'warning';
  return [{ ...at, level, message: `${words} (watch from ${budget.watch}, at most ${budget.most}): ${instead}` }];
}

function isFunctionWithBody(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/**
 * Lines of a function without those of the functions inside it, which are judged by themselves: a factory that returns its
 * methods, or a `describe` that lists its tests, is as long as what it does itself.
 */
function ownLength(source: ts.SourceFile, node: ts.FunctionLikeDeclaration): number {
  let inner = 0;
  const visit = (child: ts.Node): void => {
    if (isFunctionWithBody(child)) inner += lengthOf(source, child) - 1;
    else ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return lengthOf(source, node) - inner;
}

function lengthOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.end).line + 2 - lineOf(source, node);
}

function nameOf(node: ts.FunctionLikeDeclaration): string {
  const { parent } = node;
  if (node.name !== undefined) return node.name.getText();
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
  return ts.isConstructorDeclaration(node) ? 'the constructor' : 'this function';
}

/** What was left in the syntax by somebody looking for a mistake, in words. */
function leftoverIn(file: SourceFile, node: ts.Node): string | undefined {
  if (ts.isDebuggerStatement(node)) return 'a breakpoint left from looking for a mistake: remove it';
  if (ts.isAsExpression(node) && node.type.kind === ts.SyntaxKind.AnyKeyword) {
    return 'a cast to any turns the types off: use unknown and check it, or a cast to the type with a comment';
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const called = node.expression.getText();
  if (called === 'console.log' && !printing.test(file.path)) {
    return 'printing left from looking for a mistake: remove it, or take a Log (engine/base)';
  }
  if (!isTest(file.path)) return undefined;
  if (declaresTest.test(called) && node.expression.name.text === 'only') {
    return 'all other tests of this file are silent: remove the "only"';
  }
  if (skipsWithoutReason(file, node)) {
    return 'a skipped test without a reason: put it in a comment on the line above, or in skip("…")';
  }
  return undefined;
}

/** `test.skip('name', …)` needs a comment; `context.skip()` needs its reason as argument. */
function skipsWithoutReason(file: SourceFile, node: ts.CallExpression): boolean {
  const { expression } = node;
  if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== 'skip') return false;
  const isDeclaration = declaresTest.test(expression.getText());
  if (!isDeclaration) return node.arguments.length === 0;
  const comments = ts.getLeadingCommentRanges(file.text, node.parent.getFullStart()) ?? [];
  return comments.length === 0;
}

if (import.meta.main) reportAndExit('tidy', checkTidy(process.cwd()));
