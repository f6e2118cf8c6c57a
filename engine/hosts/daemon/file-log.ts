import { appendFileSync, renameSync, statSync } from 'node:fs';
import type { Clock, Log } from '../../base/index.ts';
import { logLine } from '../text/log-line.ts';

/** Two files of this size: some days of an agent that has little to say, some hours of one in trouble. */
const bytesMost = 1024 * 1024;

export type FileLogOptions = { readonly clock: Pick<Clock, 'now'>; readonly bytesMost?: number };

/**
 * A log in a plain file, and the one before it beside it. Each line is appended by itself, so that two processes may write
 * it. A log that cannot be written stops nothing.
 */
export function createFileLog(path: string, { clock, bytesMost: most = bytesMost }: FileLogOptions): Log {
  const add = (level: string, message: string, context?: Readonly<Record<string, unknown>>): void => {
    const line = `${logLine(clock, level, message, context)}\n`;
    try {
      // Asked each time, which takes microseconds: the other process writes too.
      const bytes = sizeOf(path);
      if (bytes > 0 && bytes + Buffer.byteLength(line) > most) renameSync(path, `${path}.1`);
      appendFileSync(path, line, { mode: 0o600 });
    } catch {
      // The disk may be full; the agent says so where people look.
    }
  };
  return {
    debug: (message, context) => add('debug', message, context),
    warn: (message, context) => add('warn', message, context),
  };
}

/** What is said goes to both. */
export function bothLogs(left: Log, right: Log): Log {
  return {
    debug: (message, context) => {
      left.debug(message, context);
      right.debug(message, context);
    },
    warn: (message, context) => {
      left.warn(message, context);
      right.warn(message, context);
    },
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
