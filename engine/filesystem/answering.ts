/**
 * Whether file systems answer at all. A call on a network drive whose server is gone may never return, and takes with it the
 * thread that made it. So before a root is touched on the agent's thread it is asked on one of Node's own threads, of which
 * there are few:
 *
 *     ask ─► answered within five seconds ─► true, and for a moment not asked again
 *       └──► not answered ─► it hangs: false at once for whoever asks, until that same call returns
 */
import type { Clock } from '../base/index.ts';
import type { FileSystem, WholeQuestion } from './port.ts';

export type Answering = {
  /** Whether it answers, whatever it says. Takes five seconds at most. */
  ask(root: string): Promise<boolean>;
  /** What is known of it, without asking: since when it does not answer (monotonic); null when it does, or was never asked. */
  hangsSince(root: string): number | null;
  /** A call there did not return although the file system answered: until it has answered this, the root is asked this. */
  suspect(root: string, question: WholeQuestion): void;
};

export type AnsweringOptions = {
  readonly fileSystem: Pick<FileSystem, 'answers' | 'answersWholly'>;
  readonly clock: Clock;
  /** How many calls may hang at a time; beyond that nobody can be asked. */
  readonly most?: number;
};

/** A disk that was asleep needs ten seconds until it turns; its file system answers from memory meanwhile. */
const patienceMs = 5_000;
/** What answered just now is not asked once more: events come in crowds. */
const freshMs = 1_000;
/** Of the four threads that Node has by itself, one stays for everything else. */
const hangingMost = 3;

/** Where nothing ever hangs, as in a simulation. */
export const allAnswer: Answering = { ask: async () => true, hangsSince: () => null, suspect: () => {} };

type Asked = { readonly sinceMs: number; readonly answer: Promise<void>; isLate: boolean };

export function createAnswering(options: AnsweringOptions): Answering {
  const { fileSystem, clock, most = hangingMost } = options;
  const underway = new Map<string, Asked>();
  const answeredMs = new Map<string, number>();
  const suspects = new Map<string, WholeQuestion>();

  const begin = (root: string): Asked => {
    const done = (): void => {
      underway.delete(root);
      suspects.delete(root);
      answeredMs.set(root, clock.monotonic());
    };
    const question = suspects.get(root);
    const answer = question === undefined ? fileSystem.answers(root) : fileSystem.answersWholly(question);
    const asked: Asked = {
      sinceMs: clock.monotonic(),
      answer: answer.then(done, done),
      isLate: false,
    };
    underway.set(root, asked);
    return asked;
  };
  const late = (): number => [...underway.values()].filter(({ isLate }) => isLate).length;
  return {
    async ask(root) {
      const known = underway.get(root);
      if (known?.isLate === true) return false;
      const lastMs = answeredMs.get(root);
      if (known === undefined && lastMs !== undefined && clock.monotonic() - lastMs < freshMs) return true;
      if (known === undefined && late() >= most) return false;
      const asked = known ?? begin(root);
      const over = new AbortController();
      const isOver = clock.sleep(patienceMs, over.signal).then(
        () => true,
        () => false,
      );
      const isLate = await Promise.race([asked.answer.then(() => false), isOver]);
      over.abort();
      // Both may have come in one moment, as after a sleep of the computer.
      asked.isLate = isLate && underway.get(root) === asked;
      return !asked.isLate;
    },
    hangsSince(root) {
      const asked = underway.get(root);
      return asked?.isLate === true ? asked.sinceMs : null;
    },
    suspect: (root, question) => void suspects.set(root, question),
  };
}
