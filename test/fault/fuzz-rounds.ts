import fc from 'fast-check';
import { CofferError } from '../../engine/base/index.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { codecs } from '../property/format-codecs.ts';

/** Row 13: parsers under bytes that nobody would write: valid objects, torn, crossed and twisted, for as long as is wanted. */
export type FuzzFigures = {
  readonly tries: number;
  readonly accepted: number;
  readonly slowestMs: number;
  readonly peakBytes: number;
};

export type FuzzOptions = { readonly seconds: number; readonly seed: number };

type Parser = { readonly name: string; readonly seeds: Uint8Array[]; readonly parse: (bytes: Uint8Array) => void };

export function fuzzParsers({ seconds, seed }: FuzzOptions): FuzzFigures {
  const parsers = Object.entries(codecs).map(([name, codec]) =>
    codec(({ value, encode, decode }): Parser => {
      const seeds = fc.sample(value, { seed, numRuns: 60 }).map((sample) => encode(sample));
      return { name, seeds, parse: (bytes) => void decode(bytes) };
    }),
  );
  const random = seededRandom(seed);
  const below = (limit: number): number => (random.bytes(4).reduce((sum, byte) => sum * 256 + byte, 0) % limit) | 0;
  const figures = { tries: 0, accepted: 0, slowestMs: 0, peakBytes: 0 };
  for (const end = performance.now() + seconds * 1000; performance.now() < end; figures.tries++) {
    const parser = parsers[figures.tries % parsers.length];
    if (parser === undefined) throw new Error('no parsers');
    const bytes = twist(parser, parsers, below);
    const began = performance.now();
    try {
      parser.parse(bytes);
      figures.accepted++;
    } catch (error) {
      if (!(error instanceof CofferError)) {
        throw new Error(`seed ${seed}, try ${figures.tries}: ${parser.name} of ${Buffer.from(bytes).toString('hex')}`, {
          cause: error,
        });
      }
    }
    figures.slowestMs = Math.max(figures.slowestMs, performance.now() - began);
    if (figures.tries % 1000 === 0) figures.peakBytes = Math.max(figures.peakBytes, process.memoryUsage().rss);
  }
  return figures;
}

/** One to four changes of an object, most of which leave it nearly right. */
function twist(parser: Parser, parsers: readonly Parser[], below: (limit: number) => number): Uint8Array {
  const pick = (from: Parser): Uint8Array => from.seeds[below(from.seeds.length)] ?? new Uint8Array(0);
  let bytes = Buffer.from(pick(parser));
  for (let change = below(4); change >= 0; change--) {
    const at = below(bytes.length + 1);
    switch (below(8)) {
      case 0:
      case 1:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
        break;
      case 2:
        if (at < bytes.length) bytes[at] = below(256);
        break;
      case 3:
        bytes = bytes.subarray(0, at);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + below(40)))]);
        break;
      case 5: {
        const other = pick(parsers[below(parsers.length)] ?? parser);
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(below(other.length + 1))]);
        break;
      }
      case 6:
        // Heads of CBOR with the largest counts, and the largest integers of the fixed layouts.
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(huge[below(huge.length)] ?? '', 'hex'),
          bytes.subarray(at),
        ]);
        break;
      default: {
        const piece = bytes.subarray(at, at + 1 + below(30));
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          ...Array.from({ length: below(200) }, () => piece),
          bytes.subarray(at),
        ]);
      }
    }
    if (bytes.length > 1_000_000) bytes = bytes.subarray(0, 1_000_000);
  }
  // Its own memory, as it comes from a store.
  return Uint8Array.from(bytes);
}

const huge = [
  '9bffffffffffffffff',
  '9affffffff',
  'bb7fffffffffffffff',
  '5b001fffffffffffff',
  '5affffffff',
  '7affffffff',
  '1bffffffffffffffff',
  '3bffffffffffffffff',
  'ffffffff',
  '00000000',
  '81818181818181818181',
  'a1a1a1a1',
];
