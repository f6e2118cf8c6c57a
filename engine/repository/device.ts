import { concatBytes, type Random, toHex, utf8 } from '../base/index.ts';
import { type SigningKey, signingKeyFromSeed } from '../crypto/index.ts';
import type { LocalState } from './local-state.ts';
import type { Seen, SeenHeads } from './logs.ts';

const deviceFile = 'device';
/** What was seen, at all places. */
export const headsFile = 'heads';
const seedBytes = 32;

/** This installation's signing key for one vault at one place; null before its first write. */
export function readDevice(local: LocalState): SigningKey | null {
  const seed = local.read(deviceFile);
  return seed === null || seed.length !== seedBytes ? null : signingKeyFromSeed(seed);
}

/** A new identity: for the first write, and whenever the old one may be in use elsewhere. */
export function createDevice(local: LocalState, random: Random): SigningKey {
  const seed = random.bytes(seedBytes);
  local.write(deviceFile, seed);
  return signingKeyFromSeed(seed);
}

/** Before anything else is remembered: the old identity must not come back when this run ends without having written. */
export function forgetDevice(local: LocalState): void {
  local.remove(deviceFile);
}

type Remembered = Record<string, Record<string, Seen>>;

/** What was seen at one place. The place is named by its URL, so that two copies of a vault are remembered apart. */
export function readSeen(local: LocalState, place: string): SeenHeads {
  return new Map(Object.entries(readAll(local)[place] ?? {}));
}

/** Where this installation has met the vault before. */
export function placesSeen(local: LocalState): string[] {
  return Object.keys(readAll(local));
}

/** Never goes back behind what another command has remembered meanwhile, unless the older state is what is wanted. */
export function writeSeen(local: LocalState, place: string, seen: SeenHeads, options = { evenIfOlder: false }): void {
  const all = readAll(local);
  const next = Object.fromEntries(seen);
  for (const [device, before] of options.evenIfOlder ? [] : Object.entries(all[place] ?? {})) {
    if (before.seq > (next[device]?.seq ?? 0)) next[device] = before;
  }
  if (JSON.stringify(all[place]) === JSON.stringify(next)) return;
  all[place] = next;
  local.write(headsFile, utf8(JSON.stringify(all)));
}

function readAll(local: LocalState): Remembered {
  const bytes = local.read(headsFile);
  if (bytes === null) return {};
  // Sealed by this installation, so its shape is ours.
  return JSON.parse(new TextDecoder().decode(bytes)) as Remembered;
}

export function spoolOwner(home: string, hash: (bytes: Uint8Array) => Uint8Array): string {
  return toHex(hash(concatBytes([utf8('spool'), utf8(home)]))).slice(0, 16);
}
