import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** How long this computer has been on, sleep included, and which start that was, where the system says so. */
export type SinceBoot = { readonly ms: number; readonly boot: string | null };

/** A new one at each start; the only name that the system gives to a start. */
const linuxBootId = '/proc/sys/kernel/random/boot_id';

/** Null where the system works it out from its wall clock, which may have been set: macOS and others. */
export function sinceBoot(): SinceBoot | null {
  if (process.platform === 'win32') return { ms: uptime() * 1000, boot: null };
  return process.platform === 'linux' ? { ms: uptime() * 1000, boot: linuxBoot() } : null;
}

function linuxBoot(): string | null {
  try {
    return readFileSync(linuxBootId, 'utf8').trim();
  } catch {
    return null;
  }
}
