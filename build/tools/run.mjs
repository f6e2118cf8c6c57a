// node build/tools/run.mjs [--quiet] SCRIPT [ARGUMENT…]
// Installs what is missing, then runs SCRIPT under the pinned Node. A script of its own, because "ensure && node …" would not
// do: a shell remembers where it found `node` the first time, so the second would be the system's Node again.
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { ensureInstalled, findNode, projectFolder } from './ensure-installed.mjs';

const given = process.argv.slice(2);
const quiet = given[0] === '--quiet';
const [script, ...args] = quiet ? given.slice(1) : given;

const run = (node, file) => {
  // Compiled code is kept between runs; the environment carries it to worker threads and child processes too.
  const env = { NODE_COMPILE_CACHE: join(projectFolder, 'node_modules', '.cache', 'compiled'), ...process.env };
  const child = spawn(node, [file, ...args], { stdio: 'inherit', env });
  // The terminal sends Ctrl+C to both; this process only waits, so that the child may finish in its own way.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
};

const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

if (script === undefined) fail('Usage: node build/tools/run.mjs [--quiet] SCRIPT [ARGUMENT…]');
try {
  ensureInstalled({ quiet });
  run(findNode(), resolve(projectFolder, script));
} catch (error) {
  fail(error.message);
}
