import { flushCompileCache } from 'node:module';
import type { Clock } from '../../base/index.ts';

/** By then a first run has loaded what answering alone does not need. */
const loadedMs = 60_000;

/**
 * Writes compiled code down for the next start. Node does that when a process ends by itself, and an agent rarely does: it runs
 * until the computer goes down, or it crashes. Without it each start after such an end compiles everything anew (0.4 s of
 * processor time). Where nothing is new it takes no time.
 */
export async function keepCompiledCode(clock: Clock, signal: AbortSignal): Promise<void> {
  flushCompileCache();
  await clock.sleep(loadedMs, signal).catch(() => {});
  flushCompileCache();
}
