import { concatBytes, equalBytes, utf8 } from '../../base/index.ts';
import { hashBytes, isRising } from '../../format/index.ts';
import type { ObservedTime } from '../observed-time.ts';
import { createHashes } from './hashes.ts';

/**
 * When this installation first saw packs that no snapshot names, in observed time. Lost with the local state, and then all are
 * new again: ages only ever become smaller by that.
 */
export type FirstSeen = {
  /** How long the pack is known whose hash begins at `at`; 0 for one that was not there the last time. */
  ageMs(hashes: Uint8Array, at: number): number;
  /** What is to be remembered when these, rising, are there now. The others are forgotten, and new should they come back. */
  keep(hashes: Uint8Array): Uint8Array;
};

/** `kept` is what an earlier `keep` returned. */
export function createFirstSeen(kept: Uint8Array | null, now: Pick<ObservedTime, 'epoch' | 'ms'>): FirstSeen {
  const epoch = utf8(now.epoch);
  const { known, times } = decode(kept, epoch);
  const seenMs = (hashes: Uint8Array, at: number): number => {
    const number = known.find(hashes, at);
    return number < 0 ? now.ms : Math.min(now.ms, times[number] ?? now.ms);
  };
  return {
    ageMs: (hashes, at) => now.ms - seenMs(hashes, at),
    keep(hashes) {
      const seen = new Float64Array(hashes.length / hashBytes);
      for (let number = 0; number < seen.length; number++) seen[number] = seenMs(hashes, number * hashBytes);
      return concatBytes([epoch, hashes, new Uint8Array(seen.buffer)]);
    },
  };
}

const timeBytes = 8;

function decode(kept: Uint8Array | null, epoch: Uint8Array) {
  const body = kept?.subarray(epoch.length) ?? new Uint8Array(0);
  const count = Math.floor(body.length / (hashBytes + timeBytes));
  const hashes = body.slice(0, count * hashBytes);
  // Sealed by this installation; of another epoch, or were it not what it should be, everything is new.
  const isOurs = kept !== null && equalBytes(kept.subarray(0, epoch.length), epoch) && isRising(hashes);
  if (!isOurs) return { known: createHashes(new Uint8Array(0)), times: new Float64Array(0) };
  const times = body.slice(count * hashBytes, count * (hashBytes + timeBytes));
  return { known: createHashes(hashes), times: new Float64Array(times.buffer, 0, count) };
}
