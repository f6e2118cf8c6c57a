import { CofferError } from '../../base/index.ts';
import { safeForTerminal } from '../text/width.ts';
import type { Keyboard, OutputStream } from './host.ts';

const enter = new Set(['\r', '\n']);
const backspace = new Set(['\x7f', '\b']);
const interrupt = '\x03';
const endOfInput = '\x04';
const eraseLine = '\x15';
const eraseWord = '\x17';

export type Question = {
  readonly text: string;
  /** Shows how many words there are, since 24 words typed blind are hard. */
  readonly countWords?: boolean;
  /** The answer is no secret, and shown while it is typed. */
  readonly isShown?: boolean;
};

/**
 * Asks on the terminal and shows nothing of an answer that is secret. What was typed or pasted beyond the line end is the beginning of the
 * next answer, so one `Asker` serves all questions of a command.
 */
export type Asker = (question: Question, signal: AbortSignal) => Promise<string>;

export function createAsker(keyboard: Keyboard, screen: OutputStream): Asker {
  let ahead = '';
  return async ({ text, countWords = false, isShown = false }, signal) => {
    signal.throwIfAborted();
    const show = (shown: string): void => void screen.write(shown).catch(() => {});
    let answer = '';
    show(text);
    return await new Promise<string>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        stop();
        signal.removeEventListener('abort', abort);
        show('\n');
        settle();
      };
      const abort = (): void => finish(() => reject(signal.reason));
      /** Takes what was typed; true when the answer is complete. */
      const take = (typed: string): boolean => {
        const letters = [...typed];
        for (const [at, letter] of letters.entries()) {
          if (letter === interrupt || (letter === endOfInput && answer === '')) {
            finish(() => reject(new CofferError('cancelled')));
            return true;
          }
          if (enter.has(letter) || letter === endOfInput) {
            // A pasted line may end in two characters.
            const isPair = letter === '\r' && letters[at + 1] === '\n';
            ahead = letters.slice(at + (isPair ? 2 : 1)).join('');
            finish(() => resolve(answer));
            return true;
          }
          answer = edited(answer, letter);
        }
        if (isShown) show(`\r${text}${safeForTerminal(answer)}\x1b[K`);
        if (countWords) show(`\r${text}${counted(answer)}\x1b[K`);
        return false;
      };
      let stop = (): void => {};
      const early = ahead;
      ahead = '';
      if (early !== '' && take(early)) return;
      signal.addEventListener('abort', abort, { once: true });
      stop = keyboard.listen(take);
    });
  };
}

function edited(answer: string, letter: string): string {
  if (backspace.has(letter)) return [...answer].slice(0, -1).join('');
  if (letter === eraseLine) return '';
  if (letter === eraseWord) return answer.replace(/\S+\s*$/, '');
  return letter < ' ' && letter !== '\t' ? answer : answer + letter;
}

function counted(answer: string): string {
  const words = answer.split(/\s+/).filter((word) => word !== '').length;
  return words === 1 ? '1 word' : `${words} words`;
}
