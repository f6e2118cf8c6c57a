// Text that compresses like prose (zstd 3 reaches about 2.8:1): made-up words with the frequencies of a natural language
// (Zipf), set phrases that come again, sentences, paragraphs and a number now and then.
import { type ByteSource, createRandom, type Random } from './random.ts';

const vocabularySize = 30_000;
const phraseCount = 20_000;
/** Picks by rank are looked up in a table, since computing them would make a gigabyte of text a matter of minutes. */
const rankTableBits = 19;

const onsets = 'b bl br c ch cl d dr f fl g gr h k l m n p pl pr qu r s sh sl sp st t th tr v w'.split(' ');
const vowels = 'a e i o u ai ea ou io e a i o e'.split(' ');
const codas = ['', '', '', 'n', 'r', 's', 't', 'l', 'nd', 'st', 'm', 'ck', 'ng'];

const pick = <Item>(random: Random, items: readonly Item[]): Item => {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new Error('Nothing to pick from.');
  return item;
};

const inventWord = (random: Random, rank: number): string => {
  const syllableCount = 1 + random.below(rank < 200 ? 1 : rank < 3_000 ? 2 : 4);
  let word = '';
  for (let index = 0; index < syllableCount; index += 1)
    word += pick(random, onsets) + pick(random, vowels) + pick(random, codas);
  return word;
};

/** Entry i holds the rank that the fraction i / size of all picks stays below. */
const createRankTable = (count: number): Uint16Array => {
  const weights = Float64Array.from({ length: count }, (_, rank) => 1 / (rank + 2.7));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const table = new Uint16Array(2 ** rankTableBits);
  let rank = 0;
  let reached = (weights[0] ?? 0) / total;
  for (let index = 0; index < table.length; index += 1) {
    while (reached < (index + 0.5) / table.length && rank < count - 1) {
      rank += 1;
      reached += (weights[rank] ?? 0) / total;
    }
    table[index] = rank;
  }
  return table;
};

type Lexicon = { readonly bytes: Uint8Array; readonly starts: Uint32Array; readonly ranks: Uint16Array };

const createLexicon = (items: readonly string[]): Lexicon => {
  const starts = new Uint32Array(items.length + 1);
  for (const [index, item] of items.entries()) starts[index + 1] = (starts[index] ?? 0) + item.length;
  return { bytes: Buffer.from(items.join(''), 'latin1'), starts, ranks: createRankTable(items.length) };
};

export const createText = (seed: string): ByteSource => {
  const random = createRandom(seed);
  const vocabulary = Array.from({ length: vocabularySize }, (_, rank) => inventWord(random, rank));
  const words = createLexicon(vocabulary);
  const frequentWord = (): string => vocabulary[words.ranks[random.next() >>> (32 - rankTableBits)] ?? 0] ?? '';
  const phrases = createLexicon(
    Array.from({ length: phraseCount }, () => Array.from({ length: 2 + random.below(4) }, frequentWord).join(' ')),
  );
  let sentenceLeft = 8;
  let paragraphLeft = 4;

  /** Writes one word or phrase and what follows it; returns where the next one starts. May write past `end`. */
  const writeOne = (out: Uint8Array, at: number): number => {
    const number = random.next();
    const lexicon = (number & 7) === 0 ? phrases : words;
    const rank = lexicon.ranks[number >>> (32 - rankTableBits)] ?? 0;
    const end = lexicon.starts[rank + 1] ?? 0;
    let position = at;
    for (let from = lexicon.starts[rank] ?? 0; from < end; from += 1) out[position++] = lexicon.bytes[from] ?? 0;
    if ((number & 0x1fc0) === 0) for (const digit of ` ${number % 10_000}`) out[position++] = digit.charCodeAt(0);
    sentenceLeft -= 1;
    if (sentenceLeft > 0) {
      out[position++] = 0x20;
      return position;
    }
    sentenceLeft = 5 + random.below(16);
    paragraphLeft -= 1;
    out[position++] = 0x2e;
    out[position++] = paragraphLeft > 0 ? 0x20 : 0x0a;
    if (paragraphLeft === 0) paragraphLeft = 3 + random.below(6);
    return position;
  };

  /** More than the longest phrase with its number and full stop. */
  const slack = 512;
  return (length) => {
    const out = Buffer.allocUnsafe(length + slack);
    for (let at = 0; at < length; ) at = writeOne(out, at);
    return out.subarray(0, length);
  };
};
