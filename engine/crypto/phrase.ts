import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { assert, CofferError } from '../base/index.ts';

export const phraseWords = 24;

/** 32 bytes as the 24 words of a recovery phrase: BIP-39 used only as an encoding with a checksum. */
export function phraseFromBytes(bytes: Uint8Array): string {
  assert(bytes.length === 32, 'a recovery phrase encodes 32 bytes');
  return entropyToMnemonic(bytes, wordlist);
}

const known: ReadonlySet<string> = new Set(wordlist);

/**
 * Takes the words as people copy them from a sheet: any case, any white space, commas, and numbers before the words.
 * The reasons never repeat what was typed, because errors end in logs.
 */
export function bytesFromPhrase(phrase: string): Uint8Array {
  const words = wordsOf(phrase);
  const refuse = (reason: string): CofferError => new CofferError('phrase.invalid', { reason });
  const unknown = words.findIndex((word) => !known.has(word));
  if (words.length !== phraseWords) throw refuse(`there are ${words.length} words instead of ${phraseWords}`);
  if (unknown >= 0) throw refuse(`word ${unknown + 1} is not in the list of words`);
  try {
    return mnemonicToEntropy(words.join(' '), wordlist);
  } catch (cause) {
    throw new CofferError(
      'phrase.invalid',
      { reason: 'the words do not fit together, one is wrong or two are swapped' },
      cause,
    );
  }
}

function wordsOf(phrase: string): string[] {
  return phrase
    .normalize('NFKD')
    .toLowerCase()
    .split(/[\s,;]+/u)
    .map((token) => token.replace(/^\d+[.):]?/u, ''))
    .filter((token) => token !== '');
}
