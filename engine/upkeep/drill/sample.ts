import type { Random } from '../../base/index.ts';

/** A file that a drill may restore. */
export type Candidate = {
  readonly bytes: number;
  /** Since its content last changed. */
  readonly ageMs: number;
  /** Since its data was last read whole at the place. */
  readonly unreadMs: number;
};

/** What makes a file worth restoring: each kind has its part of the sample. */
export type Kind = 'big' | 'recent' | 'unread' | 'any';

export type Sampler<File extends Candidate> = {
  offer(file: File): void;
  /** The sample: as many as were asked for, if they are there, no file twice, all together within the bytes. */
  drawn(): File[];
};

const dayMs = 24 * 3600 * 1000;
const days = (ms: number): number => Math.max(0, ms) / dayMs;

const weights: Readonly<Record<Kind, (file: Candidate) => number>> = {
  big: ({ bytes }) => bytes + 1,
  // What is a week old has an eighth of the chance of what was saved just now.
  recent: ({ ageMs }) => 1 / (1 + days(ageMs)),
  unread: ({ unreadMs }) => 1 + days(unreadMs),
  any: () => 1,
};

/**
 * A sample drawn in one pass over any number of files, in memory for the sample alone: each file gets the logarithm of a random
 * number divided by its weight, and the highest stay. So each is drawn with the chance that its weight has among all.
 */
export function createSampler<File extends Candidate>(options: {
  readonly kinds: readonly Kind[];
  readonly files: number;
  readonly bytesMost: number;
  readonly random: Random;
}): Sampler<File> {
  const { kinds, files, bytesMost, random } = options;
  const urns = kinds.map((kind) => ({ weightOf: weights[kind], best: [] as Drawn<File>[] }));
  const chance = chances(random);
  return {
    offer(file) {
      // It could never be restored within the bytes, and would keep its place from others.
      if (file.bytes > bytesMost) return;
      for (const { weightOf, best } of urns) {
        const rank = Math.log(chance()) / weightOf(file);
        if (best.length < files || rank > (best.at(-1)?.rank ?? 0)) insert(best, { rank, file }, files);
      }
    },
    drawn() {
      const chosen = new Set<File>();
      let bytes = 0;
      // One of each kind in turn, so that a few big files do not use up all bytes.
      for (let at = 0; at < files; at++) {
        for (const { best } of urns) {
          const file = best[at]?.file;
          if (file === undefined || chosen.size === files) continue;
          if (chosen.has(file) || bytes + file.bytes > bytesMost) continue;
          chosen.add(file);
          bytes += file.bytes;
        }
      }
      return [...chosen];
    },
  };
}

type Drawn<File> = { readonly rank: number; readonly file: File };

/** Keeps the best `most`, the best first. */
function insert<File>(best: Drawn<File>[], drawn: Drawn<File>, most: number): void {
  let at = best.length;
  while (at > 0 && (best[at - 1]?.rank ?? 0) < drawn.rank) at--;
  best.splice(at, 0, drawn);
  if (best.length > most) best.pop();
}

/** Numbers within (0, 1), many from one question to the source of randomness: a million files ask for four million. */
function chances(random: Random): () => number {
  const batch = 256;
  let numbers = new Uint32Array(0);
  let at = 0;
  return () => {
    if (at === numbers.length) {
      numbers = new Uint32Array(random.bytes(batch * 4).slice().buffer);
      at = 0;
    }
    return ((numbers[at++] ?? 0) + 0.5) / 2 ** 32;
  };
}
