import type { Why } from '../../contract/index.ts';
import type { AgentWords } from './agent-reasons.ts';
import { formatCount } from './figures.ts';
import { shellWord } from './names.ts';
import { leftOutBecause, reasonOf } from './reasons.ts';

export type PlaceVerdict = Why['places'][number];
export type VerdictWords = { readonly word: string; readonly words: string; readonly remedy: string | null };

/** What is known beside the answer of a place. */
export type Circumstances = {
  /** What holds the place back, or ails it. */
  readonly held: AgentWords | null;
  /** The source of the path, where that is not there now itself; as it is shown. */
  readonly sourceAway: string | null;
};

/** The answer to "why is this file (not) protected?" in words. */
export function verdictWords(
  { verdict, detail, turn }: Pick<PlaceVerdict, 'verdict' | 'detail' | 'turn'>,
  path: string,
  { held, sourceAway }: Circumstances,
): VerdictWords {
  const notProtected = (words: string, remedy: string | null = null): VerdictWords => ({
    word: 'Not protected:',
    words,
    remedy,
  });
  switch (verdict) {
    case 'protected':
      return { word: 'Protected', words: 'as it is now', remedy: null };
    case 'changed':
      return {
        word: 'Changed:',
        words: `an earlier version is protected, the newer one ${waits(turn, held)}`,
        remedy: remedyOf(held),
      };
    case 'waiting':
      return {
        word: 'Not protected yet:',
        words: `it ${waits(turn, held)}`,
        remedy: remedyOf(held),
      };
    case 'leftOut':
      return notProtected(`left out, ${detail === null ? 'by a rule' : leftOutWords(detail)}`);
    case 'failed': {
      const { words, remedy } = reasonOf(detail ?? '');
      return notProtected(detail === null ? 'it could not be read' : words, detail === null ? null : remedy);
    }
    case 'notASource':
      return notProtected('it is in no chosen folder', `Choose it: coffer sources add ${shellWord(path)}`);
    case 'unknown':
      return {
        word: 'Not known:',
        words: held?.words ?? 'the place cannot be asked now',
        remedy: held?.remedy ?? null,
      };
    case 'gone':
      // Nothing in it counts as deleted.
      if (sourceAway !== null)
        return {
          word: 'Not there now:',
          words: `${sourceAway} is not there; what was saved of it is kept`,
          remedy: 'Connect its drive',
        };
      return { word: 'Gone:', words: 'it is not on this computer any more; earlier versions are kept', remedy: null };
  }
}

const waits = (turn: PlaceVerdict['turn'], held: AgentWords | null): string =>
  held !== null ? `waits: ${held.words}` : turn === null ? 'waits for the next run' : turnWords(turn);

const remedyOf = (held: AgentWords | null): string | null => (held === null ? 'Now: coffer now' : held.remedy);

/** Small files come first, so whatever is named here is big, or one of very many. */
function turnWords({ at, of }: NonNullable<PlaceVerdict['turn']>): string {
  if (of === 1) return 'takes long and comes next';
  return at === 1
    ? `comes next, of ${formatCount(of)} that take long`
    : `takes long and comes later, as number ${formatCount(at)} of ${formatCount(of)}`;
}

const boundaries: Readonly<Record<string, string>> = {
  rule: 'by a rule',
  size: 'larger than its folder’s rule allows',
  age: 'older than its folder’s rule allows',
  cacheDirTag: 'in a folder marked as a cache',
  'cachedir-tag': 'in a folder marked as a cache',
  'other-filesystem': 'on another file system',
  vault: 'since it is a vault',
};

const leftOutWords = (detail: string): string => boundaries[detail] ?? leftOutBecause(detail);
