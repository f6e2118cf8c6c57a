import { entropyToMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { describe, expect, test } from 'vitest';
import { isCofferError, systemRandom } from '../../../engine/base/index.ts';
import { bytesFromPhrase, phraseFromBytes } from '../../../engine/crypto/phrase.ts';

// BIP-39's own vectors.
const zeros = `${'abandon '.repeat(23)}art`;
const sevens =
  'legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful ' +
  'legal winner thank year wave sausage worth title';

const reasonOf = (phrase: string): string => {
  try {
    bytesFromPhrase(phrase);
  } catch (error) {
    if (isCofferError(error, 'phrase.invalid')) return String(error.context.reason);
    throw error;
  }
  return 'none';
};

test('the words of known bytes', () => {
  expect(phraseFromBytes(new Uint8Array(32))).toBe(zeros);
  expect(phraseFromBytes(new Uint8Array(32).fill(0x7f))).toBe(sevens);
  expect(bytesFromPhrase(sevens)).toEqual(new Uint8Array(32).fill(0x7f));
});

test('any bytes come back', () => {
  const bytes = systemRandom.bytes(32);
  expect(bytesFromPhrase(phraseFromBytes(bytes))).toEqual(bytes);
});

test('another implementation finds the same words', () => {
  for (let round = 0; round < 200; round++) {
    const bytes = systemRandom.bytes(32);
    expect(phraseFromBytes(bytes)).toBe(entropyToMnemonic(bytes, wordlist));
  }
});

describe('words as people type them', () => {
  const words = sevens.split(' ');

  test.each([
    ['capitals', sevens.toUpperCase()],
    ['lines', words.join('\n')],
    ['tabs and spaces around', `\t ${words.join('  \t')} \r\n`],
    ['commas', words.join(', ')],
    ['numbers before them', words.map((word, at) => `${at + 1}. ${word}`).join('\n')],
    ['numbers close before them', words.map((word, at) => `${at + 1}.${word}`).join(' ')],
  ])('%s', (_, typed) => {
    expect(bytesFromPhrase(typed)).toEqual(new Uint8Array(32).fill(0x7f));
  });
});

test('what is wrong is said, and never the words', () => {
  expect(reasonOf(zeros.replace(' art', ''))).toBe('there are 23 words instead of 24');
  expect(reasonOf('')).toBe('there are 0 words instead of 24');
  expect(reasonOf(zeros.replace('abandon abandon', 'abandon abandom'))).toBe('word 2 is not in the list of words');
  expect(reasonOf(`${'abandon '.repeat(23)}zoo`)).toMatch(/do not fit together/);
  expect(reasonOf(sevens.replace('legal winner', 'winner legal'))).toMatch(/do not fit together/);
});
