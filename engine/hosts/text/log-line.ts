import { inspect } from 'node:util';
import type { Clock } from '../../base/index.ts';

/** One entry of a log, always one line. */
export function logLine(
  clock: Pick<Clock, 'now'>,
  level: string,
  message: string,
  context?: Readonly<Record<string, unknown>>,
): string {
  const details =
    context === undefined ? '' : ` ${inspect(context, { breakLength: Number.POSITIVE_INFINITY, depth: 4 })}`;
  return `${new Date(clock.now()).toISOString()} ${level} ${message}${details}`.replaceAll('\n', '\\n');
}
