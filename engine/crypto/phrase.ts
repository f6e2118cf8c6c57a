import { wordlist } from '@scure/bip39/wordlists/english.js';
import { assert, CofferError } from '../base/index.ts';
import { sha256 } from './hash.ts';

const phraseWords = 24;

const secretBytes = 32;
const bitsPerWord = 11;

/**
 * 32 bytes as the 24 words of a recovery phrase: BIP-39 used only as an encoding with a checksum. The package that has the
 * words has the encoding too, but with it hashes in plain JavaScript that every thread would load for these few lines.
 */
export function phraseFromBytes(bytes: Uint8Array): string {
  assert(bytes.length === secretBytes, 'a recovery phrase encodes 32 bytes');
  const words: string[] = [];
  let pending = 0;
  let bits = 0;
  for (const byte of [...bytes, checksumOf(bytes)]) {
    pending = (pending << 8) | byte;
    bits += 8;
    if (bits < bitsPerWord) continue;
    bits -= bitsPerWord;
    words.push(wordlist[pending >>> bits] ?? '');
    pending &= (1 << bits) - 1;
  }
  assert(words.length === phraseWords && bits === 0, '264 bits in 24 words');
  return words.join(' ');
}

/** For 256 bits BIP-39 appends the first 8 of their SHA-256. */
const checksumOf = (bytes: Uint8Array): number => sha256(bytes)[0] ?? 0;

/**
 * Takes the words as people copy them from a sheet: any case, any white space, commas, and numbers before the words.
 * The reasons never repeat what was typed, because errors end in logs.
 */
export function bytesFromPhrase(phrase: string): Uint8Array {
  const words = wordsOf(phrase);
  const refuse = (reason: string): CofferError => new CofferError('phrase.invalid', { reason });
  if (words.length !== phraseWords) throw refuse(`there are ${words.length} words instead of ${phraseWords}`);
  const numbers = words.map((word) => wordlist.indexOf(word));
  const unknown = numbers.indexOf(-1);
  if (unknown >= 0) throw refuse(`word ${unknown + 1} is not in the list of words`);
  const all = bytesOfNumbers(numbers);
  const bytes = all.slice(0, secretBytes);
  if (checksumOf(bytes) !== all[secretBytes]) {
    throw refuse('the words do not fit together, one is wrong or two are swapped');
  }
  return bytes;
}

function bytesOfNumbers(numbers: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  let pending = 0;
  let bits = 0;
  for (const number of numbers) {
    pending = (pending << bitsPerWord) | number;
    bits += bitsPerWord;
    while (bits >= 8) {
      bits -= 8;
      bytes.push(pending >>> bits);
      pending &= (1 << bits) - 1;
    }
  }
  return Uint8Array.from(bytes);
}

function wordsOf(phrase: string): string[] {
  return phrase
    .normalize('NFKD')
    .toLowerCase()
    .split(/[\s,;]+/u)
    .map((token) => token.replace(/^\d+[.):]?/u, ''))
    .filter((token) => token !== '');
}
