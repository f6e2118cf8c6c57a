// npm run check: types, lint and format, layers, tidy. All of them always run, so that one look shows everything.
import { spawn } from 'node:child_process';
import { checkLayers } from './layers.ts';
import { describeFindings, type Finding } from './project.ts';
import { checkTidy } from './tidy.ts';

type Outcome = { readonly name: string; readonly ok: boolean; readonly output: string; readonly seconds: number };

const root = process.cwd();

function runProgram(name: string, script: string, args: readonly string[]): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
    const child = spawn(process.execPath, [script, ...args], { cwd: root, env: { ...process.env, ...color } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ name, ok: code === 0, output, seconds: secondsSince(started) }));
  });
}

function runOwn(name: string, check: (root: string) => Finding[]): Outcome {
  const started = performance.now();
  const findings = check(root);
  const ok = findings.every((finding) => finding.level === 'warning');
  return { name, ok, output: describeFindings(findings), seconds: secondsSince(started) };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

function show({ name, ok, output, seconds }: Outcome): void {
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)} ${seconds.toFixed(1)} s\n`);
  if (!ok || name === 'tidy') process.stdout.write(output.replace(/^(?=.)/gm, '        '));
}

const types = runProgram('types', 'node_modules/typescript/bin/tsc', [
  '--project',
  '.',
  ...(process.stdout.isTTY ? ['--pretty'] : []),
]);
const lint = runProgram('lint and format', 'node_modules/@biomejs/biome/bin/biome', [
  'check',
  '--error-on-warnings',
  '--reporter=concise',
  '--max-diagnostics=50',
  '--diagnostic-level=warn',
  '.',
]);
const outcomes = [runOwn('layers', checkLayers), runOwn('tidy', checkTidy), await lint, await types];
outcomes.forEach(show);
const failed = outcomes.filter((outcome) => !outcome.ok);
process.stdout.write(
  failed.length === 0 ? 'check: all clean\n' : `check: ${failed.map((outcome) => outcome.name).join(', ')} to fix\n`,
);
if (failed.length > 0) process.exitCode = 1;
