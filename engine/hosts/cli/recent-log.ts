import type { Clock, Log } from '../../base/index.ts';
import { logLine } from '../text/log-line.ts';

/** Keeps the last lines of the engine's log in memory; they are written only when something unexpected happens. */
export type RecentLog = Log & { lines(): readonly string[] };

const linesKept = 300;

export function createRecentLog(clock: Clock): RecentLog {
  const kept: string[] = [];
  const add = (level: string, message: string, context?: Readonly<Record<string, unknown>>): void => {
    kept.push(logLine(clock, level, message, context));
    if (kept.length > linesKept) kept.shift();
  };
  return {
    debug: (message, context) => add('debug', message, context),
    warn: (message, context) => add('warn', message, context),
    lines: () => kept,
  };
}
