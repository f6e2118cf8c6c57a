import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { CofferError, catalogue, type ExitName, isCofferError, systemCode } from '../../base/index.ts';
import { describeInWords } from '../text/reasons.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';
import type { RecentLog } from './recent-log.ts';
import type { CommandSpec } from './table/index.ts';

/**
 * The way of every error to a person: three sentences (what happened, what it means, what to do) and an exit code. What
 * nobody foresaw becomes `program.fault`, whose sentences say where the details were written; a stack is never shown.
 */
export type FaultReport = {
  readonly host: Pick<Host, 'version' | 'platform' | 'processId' | 'clock' | 'signal'>;
  readonly output: Output;
  readonly whenCancelled: CommandSpec['whenCancelled'];
  readonly log: RecentLog;
  /** COFFER_HOME, as far as it is known. */
  readonly home: string | null;
  readonly command: string;
};

export function reportError(error: unknown, report: FaultReport): ExitName {
  const known = asCofferError(error, report);
  const { what, meaning, remedy } = describeInWords(known);
  const { output } = report;
  if (output.json) {
    output.errorLines([JSON.stringify({ error: { code: known.code, what, meaning, remedy, context: known.context } })]);
  } else {
    // Sentences hold names that somebody else may have chosen.
    const [first, ...others] = [what, meaning, remedy].map((text) => output.errorPath(text));
    // What was typed wrong speaks for itself.
    const isUsage = known.code === 'usage' || known.code === 'usage.program';
    const code = isUsage ? '' : output.errorStyle.quiet(` (${known.code})`);
    const shown = isUsage ? others.slice(1) : others;
    output.errorLines([`${first}${code}`, ...shown.map((line) => `  ${line}`)]);
  }
  return catalogue[known.code].exit;
}

function asCofferError(error: unknown, report: FaultReport): CofferError {
  const { signal } = report.host;
  const isCancelled = isCofferError(error, 'cancelled') || (signal.aborted && isAbort(error, signal));
  if (isCancelled) return new CofferError(report.whenCancelled);
  if (error instanceof CofferError) return error;
  return new CofferError('program.fault', { log: writeFaultLog(error, report) }, error);
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

/** Returns where it is, in words that fit the sentence. */
function writeFaultLog(error: unknown, { host, command, log, home }: FaultReport): string {
  const time = new Date(host.clock.now()).toISOString();
  const name = `fault-${time.replaceAll(':', '-').replace(/\..*/, '')}-${host.processId}`;
  const text = [
    `${time} coffer ${command}, version ${host.version}, Node ${process.version}, ${host.platform} ${process.arch}`,
    inspect(error, { depth: 6 }),
    'Before that:',
    ...log.lines(),
    '',
  ].join('\n');
  for (const folder of [...(home === null ? [] : [join(home, 'logs')]), tmpdir()]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return writeUnderFreeName(join(folder, name), text);
    } catch {
      // The next folder may do; a fault must not be hidden by another.
    }
  }
  return 'no file, since none could be written';
}

/** Faults of one second under one process number, as in containers: each keeps its file. */
const namesTried = 100;

function writeUnderFreeName(path: string, text: string): string {
  for (let nth = 1; ; nth++) {
    const free = nth === 1 ? `${path}.log` : `${path}-${nth}.log`;
    try {
      writeFileSync(free, text, { mode: 0o600, flag: 'wx' });
      return free;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST' || nth === namesTried) throw error;
    }
  }
}
