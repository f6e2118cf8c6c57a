import { fromHex, type PackId, packId, toHex, viewOf } from '../base/index.ts';
import { hashBytes } from '../format/index.ts';
import type { LocalState } from './local-state.ts';

/**
 * When this installation last read each pack whole, counted in checks and not by the clock. Local knowledge only; losing it
 * means that everything is read again in turn.
 */
export type Turns = {
  /** Packs to read now: those not read for longest, until they hold `share` of all bytes. */
  choose<Pack extends { readonly id: PackId; readonly length: number }>(packs: readonly Pack[], share: number): Pack[];
  verified(pack: PackId): void;
  /** After the check; packs that are gone are forgotten. */
  save(present: ReadonlySet<PackId>): void;
};

const turnsFile = 'verified';
const recordBytes = hashBytes + 4;

export function createTurns(local: LocalState): Turns {
  const last = readTurns(local.read(turnsFile));
  let newest = 0;
  for (const turn of last.values()) newest = Math.max(newest, turn);
  const now = newest + 1;
  return {
    choose(packs, share) {
      const byTurn = [...packs].sort((left, right) => {
        const order = (last.get(left.id) ?? 0) - (last.get(right.id) ?? 0);
        return order === 0 ? (left.id < right.id ? -1 : 1) : order;
      });
      let total = 0;
      for (const { length } of packs) total += length;
      const chosen: typeof byTurn = [];
      let bytes = 0;
      for (const pack of byTurn) {
        if (bytes >= total * share) break;
        chosen.push(pack);
        bytes += pack.length;
      }
      return chosen;
    },
    verified: (pack) => void last.set(pack, now),
    save(present) {
      const kept = [...last].filter(([pack]) => present.has(pack));
      const bytes = new Uint8Array(kept.length * recordBytes);
      for (const [at, [pack, turn]] of kept.entries()) {
        bytes.set(fromHex(pack), at * recordBytes);
        viewOf(bytes).setUint32(at * recordBytes + hashBytes, turn, true);
      }
      local.write(turnsFile, bytes);
    },
  };
}

function readTurns(bytes: Uint8Array | null): Map<PackId, number> {
  const turns = new Map<PackId, number>();
  if (bytes === null) return turns;
  const view = viewOf(bytes);
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
    turns.set(packId(toHex(bytes.subarray(at, at + hashBytes))), view.getUint32(at + hashBytes, true));
  }
  return turns;
}
