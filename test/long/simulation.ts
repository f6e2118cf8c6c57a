import { simulateMany } from '../simulation/many.ts';
import { countOf, record } from './results.ts';

// SEEDS=100000 FROM=1000 npm run long:sim
const [from, seeds] = [countOf('FROM', 1000), countOf('SEEDS', 1_000_000)];
/** Processes are begun anew, so that what they hold does not grow. */
const atOnce = 2000;

const began = performance.now();
const found: string[] = [];
for (let at = from; at < from + seeds; at += atOnce) {
  found.push(...(await simulateMany(at, Math.min(atOnce, from + seeds - at))));
  process.stdout.write(
    `${at - from + atOnce} of ${seeds}: ${found.length === 0 ? 'nothing' : found.join('\n')} found\n`,
  );
}
const words = found.length === 0 ? 'nothing' : found.map((line) => line.replaceAll('|', '/')).join('; ');
record('simulation of the agent', `${seeds} seeds from ${from}`, (performance.now() - began) / 1000, words);
process.exitCode = found.length === 0 ? 0 : 1;
