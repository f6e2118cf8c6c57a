import { fromHex, type PackId, packId, toHex } from '../base/index.ts';
import { hashBytes } from '../format/index.ts';
import type { LocalState } from './local-state.ts';
import { sweptPacks } from './logs.ts';
import type { Vault } from './open-vault.ts';

const distrustedFile = 'distrusted';

/** Packs that a check here found damaged. A backup does not count on them, so that what they held is stored again. */
export function readDistrusted(local: LocalState): Set<PackId> {
  const bytes = local.read(distrustedFile) ?? new Uint8Array(0);
  const packs = new Set<PackId>();
  for (let at = 0; at + hashBytes <= bytes.length; at += hashBytes)
    packs.add(packId(toHex(bytes.subarray(at, at + hashBytes))));
  return packs;
}

export function writeDistrusted(local: LocalState, packs: ReadonlySet<PackId>): void {
  const known = readDistrusted(local);
  if (known.size === packs.size && [...packs].every((pack) => known.has(pack))) return;
  local.write(distrustedFile, new Uint8Array(Buffer.concat([...packs].map((pack) => fromHex(pack)))));
}

/** Packs that a writer must not count on, as if they were not there. */
export function absentForWriters(vault: Vault): ReadonlySet<PackId> {
  return sweptPacks(vault.logs).union(readDistrusted(vault.local));
}
