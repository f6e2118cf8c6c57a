import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { countOf, record } from './results.ts';

// SEEDS=50 npm run long:property
const seeds = countOf('SEEDS', 100);
const root = join(import.meta.dirname, '../..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

const began = performance.now();
const found: number[] = [];
for (let round = 1; round <= seeds; round += 1) {
  const seed = randomInt(2 ** 31);
  const env = { ...process.env, COFFER_PROPERTY_SEED: String(seed) };
  const { status, stdout } = spawnSync(process.execPath, [vitest, 'run', 'test/property'], { cwd: root, env });
  if (status !== 0) {
    found.push(seed);
    process.stdout.write(stdout);
  }
  process.stdout.write(`${round} of ${seeds}: seed ${seed} ${status === 0 ? 'holds' : 'FAILED'}\n`);
}
const words = found.length === 0 ? 'nothing' : `COFFER_PROPERTY_SEED=${found.join(', ')}`;
record('properties', `${seeds} seeds drawn by chance`, (performance.now() - began) / 1000, words);
process.exitCode = found.length === 0 ? 0 : 1;
