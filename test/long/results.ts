import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

const file = join(import.meta.dirname, '../fault/RESULTS.md');
const heading = '| when | machine | test | counts | minutes | found |\n| --- | --- | --- | --- | --- | --- |\n';

/** Adds a line to test/fault/RESULTS.md, so that what was run, and how much of it, is on record. */
export function record(test: string, counts: string, seconds: number, found: string): void {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const when = new Date().toISOString().slice(0, 10);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : `# Long runs of the fault list\n\n${heading}`;
  const line = `| ${when} | ${machine} | ${test} | ${counts} | ${(seconds / 60).toFixed(1)} | ${found} |\n`;
  writeFileSync(file, before.endsWith('\n') ? before + line : `${before}\n${line}`);
}

/** A count from the environment, for a shorter or another run: `KILL_ROUNDS=20 npm run long:faults -- kill`. */
export function countOf(name: string, usual: number): number {
  const given = Number(process.env[name] ?? '');
  return Number.isFinite(given) && given > 0 ? given : usual;
}
