import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { CofferError } from '../../base/index.ts';
import type { Ports } from '../engine.ts';
import { systemReason } from '../text/reasons.ts';
import { formatTimeOfDay } from '../text/times.ts';
import type { Places } from './places.ts';

/** Who runs as the agent; a note for people. Whether it is true is for the lock and the socket to say. */
export type Holder = { readonly processId: number; readonly sinceMs: number };

/** One agent for each COFFER_HOME. The lock dies with its process, so a dead holder never blocks. */
export function lockHome({ fileSystem }: Pick<Ports, 'fileSystem'>, places: Places, own: Holder): { release(): void } {
  let lock: { release(): void } | null = null;
  try {
    lock = fileSystem.lock(places.lock);
    if (lock === null) throw new CofferError('agent.held', { holder: holderInWords(readHolder(places)) });
    writeNote(places.holder, own);
    return lock;
  } catch (error) {
    // Whoever tries again would find it held, by himself.
    lock?.release();
    if (error instanceof CofferError) throw error;
    throw new CofferError('home.unusable', { path: places.home, detail: systemReason(error) }, error);
  }
}

export function readHolder({ holder }: Pick<Places, 'holder'>): Holder | null {
  const note = readNote(holder);
  const { processId, sinceMs } = note ?? {};
  return typeof processId === 'number' && typeof sinceMs === 'number' ? { processId, sinceMs } : null;
}

function holderInWords(holder: Holder | null): string {
  if (holder === null) return 'its process is not known';
  return `process ${holder.processId}, since ${formatTimeOfDay(holder.sinceMs)}`;
}

/** Null when there is none, or it cannot be understood. */
export function readNote(path: string): Readonly<Record<string, unknown>> | null {
  try {
    const note: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof note === 'object' && note !== null ? { ...note } : null;
  } catch {
    return null;
  }
}

/** Never seen half written; not synced, since it is worth nothing after the computer has started anew. */
export function writeNote(path: string, note: Readonly<Record<string, unknown>>): void {
  writeFileSync(`${path}.new`, JSON.stringify(note), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
