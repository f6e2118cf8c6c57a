import { type Clock, isCofferError, toHex, utf8 } from '../base/index.ts';
import { homeFailure, joinPath, makeFolders, readWhole, writeFileAtomic } from '../filesystem/index.ts';
import type { EntryName } from '../format/index.ts';
import type { Logs, Ports, Vault } from '../repository/index.ts';
import {
  beginObserving,
  type Moment,
  type ObservedTime,
  type OwnLook,
  observe,
  observeAlone,
} from './observed-time.ts';
import { ageOfEntry, noteSeen, type SeenEntries } from './seen-entries.ts';

/** What this installation has seen of time, and of a vault at one place. */
export type Observed = {
  readonly now: ObservedTime;
  /** Nothing was known of this place before: ages are counted from this moment on. */
  readonly isFirst: boolean;
  /** Milliseconds since this installation first saw an entry: never more than have really gone by (observed-time.ts). */
  ageOf(entry: EntryName): number;
};

/** In COFFER_HOME, one for all vaults: time goes by for all of them. */
const timeFile = 'observed-time.json';
/** Beside what else is kept of a vault at one place. */
const seenFile = 'seen-entries';

/** A run each minute must not write to the disk each time: what is remembered less often is only counted from later. */
const writeEveryMs = 600_000;

/**
 * Looks at the clocks and at the logs, and remembers both. Where they cannot be remembered, ages are lower next time. Whoever opens a
 * vault now and then calls this, so that little time goes by unseen.
 */
export function observeVault(
  ports: Ports,
  vault: Pick<Vault, 'local'>,
  logs: Logs,
  /** Remembers in any case: for who has just written an entry whose age counts, and may not look again for weeks. */
  { always = false }: { readonly always?: boolean } = {},
): Observed {
  const { now, isDue } = observeNow(ports, always);
  const known = readSeen(vault);
  const seen = noteSeen(known, logs, now);
  if ((isDue || known === null) && JSON.stringify(seen) !== JSON.stringify(known))
    tryToKeep(() => vault.local.write(seenFile, utf8(JSON.stringify(seen))));
  return { now, isFirst: known?.epoch !== now.epoch, ageOf: (entry) => ageOfEntry(seen, now, entry) };
}

/** `isDue`: it was not just remembered. */
function observeNow(ports: Ports, always: boolean): { readonly now: ObservedTime; readonly isDue: boolean } {
  const moment = momentOf(ports);
  const known = readTime(ports);
  const now = known === null ? beginObserving(moment, toHex(ports.random.bytes(8))) : goOn(ports, known, moment);
  ownLooksOf(ports).set(now.epoch, { observed: now, livedMs: ports.clock.monotonic(), wallMs: moment.wallMs });
  const { last } = known ?? {};
  const isDue = always || last?.boot !== moment.boot || Math.abs(moment.wallMs - last.wallMs) >= writeEveryMs;
  if (isDue) tryToKeep(() => writeTime(ports, now));
  return { now, isDue };
}

function writeTime({ fileSystem, home }: Ports, now: ObservedTime): void {
  try {
    makeFolders(fileSystem, home);
    writeFileAtomic(fileSystem, joinPath(home, timeFile), utf8(JSON.stringify(now)), 0o600);
  } catch (error) {
    throw homeFailure(home, error);
  }
}

function momentOf({ clock, sinceBoot }: Ports): Moment {
  const { boot, ms } = sinceBoot?.() ?? { boot: null, ms: 0 };
  return { wallMs: clock.now(), sinceBootMs: ms, boot };
}

function goOn(ports: Ports, known: ObservedTime, moment: Moment): ObservedTime {
  if ((ports.sinceBoot?.() ?? null) !== null) return observe(known, moment);
  const look = { livedMs: ports.clock.monotonic(), wallMs: moment.wallMs };
  return observeAlone(known, look, ownLooksOf(ports).get(known.epoch) ?? null);
}

/** What this process remembers of its own last look, by epoch. A process has one clock. */
const ownLooks = new WeakMap<Clock, Map<string, OwnLook>>();

function ownLooksOf({ clock }: Ports): Map<string, OwnLook> {
  const looks = ownLooks.get(clock) ?? new Map<string, OwnLook>();
  ownLooks.set(clock, looks);
  return looks;
}

function tryToKeep(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isCofferError(error, 'disk.full') && !isCofferError(error, 'home.unusable')) throw error;
  }
}

/** Null also for one that is damaged: then counting begins anew. */
function readTime({ fileSystem, home }: Ports): ObservedTime | null {
  const bytes = readWhole(fileSystem, joinPath(home, timeFile));
  if (bytes === null) return null;
  try {
    const read = JSON.parse(new TextDecoder().decode(bytes)) as Partial<ObservedTime> | null;
    const { epoch, ms, highestWallMs, allowanceMs, last } = read ?? {};
    const numbers = [ms, highestWallMs, allowanceMs, last?.sinceBootMs, last?.wallMs];
    const isWhole = typeof epoch === 'string' && numbers.every((number) => Number.isFinite(number));
    return isWhole && last?.boot !== undefined ? (read as ObservedTime) : null;
  } catch {
    return null;
  }
}

function readSeen({ local }: Pick<Vault, 'local'>): SeenEntries | null {
  const bytes = local.read(seenFile);
  // Sealed by this installation, so its shape is ours.
  return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as SeenEntries);
}
