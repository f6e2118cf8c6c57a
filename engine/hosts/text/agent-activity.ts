import type { Activity, ActivityKind } from '../../contract/index.ts';
import { errorWords, type Figures, figuresOf, type Naming, untilWords } from './agent-reasons.ts';
import { countOf, formatBytes, formatSeconds } from './figures.ts';

/** One line of the activity log in words. Figures that an entry does not have are left out. */
export function activityWords({ kind, context }: Activity, naming: Naming): string {
  return phrases[kind](figuresOf(context, naming));
}

type Phrase = (figures: Figures) => string;

const says =
  (words: string): Phrase =>
  () =>
    words;

function why({ text, context, place }: Figures): string {
  const code = text('error');
  if (code === null) return '';
  const words = errorWords(code, context, place);
  // The place was named just before.
  const begins = [`the place ${place} `, `the vault at ${place} `].find((beginning) => words.startsWith(beginning));
  return `: ${begins === undefined ? words : `it ${words.slice(begins.length)}`}`;
}

/** "Saved 48,210 files, 8 MB new at /mnt/disk/vault, in 4.2 s · 1 file could not be saved · 2 files, 1.2 TB still to come" */
function runDone({ number, context, place }: Figures): string {
  const [files, bytes, seconds, failed] = [number('files'), number('newBytes'), number('seconds'), number('failed')];
  const fresh = bytes === null ? '' : bytes === 0 ? ', nothing new' : `, ${formatBytes(bytes)} new`;
  const what = files === null ? 'Saved' : `Saved ${countOf(files, 'file')}${fresh}`;
  const where = context.place === undefined && context.url === undefined ? '' : ` at ${place}`;
  const time = seconds === null ? '' : `, in ${formatSeconds(seconds)}`;
  const missed = failed === null || failed === 0 ? '' : ` · ${countOf(failed, 'file')} could not be saved`;
  const [later, laterBytes] = [number('deferred'), number('deferredBytes')];
  const rest = later === null ? '' : ` · ${countOf(later, 'file')}, ${formatBytes(laterBytes ?? 0)} still to come`;
  return `${what}${where}${time}${missed}${rest}`;
}

const phrases: Readonly<Record<ActivityKind, Phrase>> = {
  started: says('Protection started'),
  stopped: says('Protection stopped'),
  runDone,
  runFailed: (figures) => {
    const { place, context } = figures;
    const where = context.place === undefined && context.url === undefined ? '' : ` at ${place}`;
    return `Not saved${where}${why(figures)}`;
  },
  paused: (figures) => `Paused ${untilWords(figures)}`,
  resumed: says('Resumed'),
  sourceAdded: ({ path }) => `Added ${path}`,
  sourceRemoved: ({ path }) => `Removed ${path}; what was saved of it is kept`,
  sourceMissing: ({ path }) => `${path} is not there; nothing in it counts as deleted`,
  sourceBack: ({ path }) => `${path} is there again`,
  placeAdded: ({ place }) => `Added the place ${place}`,
  placeRemoved: ({ place }) => `Removed the place ${place}; the vault there is kept`,
  placeHangs: (figures) => `The drive of ${figures.place} does not answer`,
  placeMissing: (figures) => `${figures.place} is not there${why(figures)}`,
  placeBack: ({ place }) => `${place} is there again`,
  watchLimit: ({ context, path, text }) => {
    const where = context.path === undefined ? 'some folders' : path;
    const command = text('remedy');
    const remedy = command === null || command === '' ? '' : ` To raise the limit: ${command}`;
    return `The system has no room to watch ${where}; changes there are found by scanning.${remedy}`;
  },
  woke: says('The computer woke up'),
  journalRebuilt: says('Coffer’s records on this computer were lost and made anew from the vaults'),
  notice: ({ text, context, place }) => {
    const code = text('error');
    if (code !== null) {
      const sentence = errorWords(code, context, place);
      return sentence.charAt(0).toUpperCase() + sentence.slice(1);
    }
    return text('notice') ?? 'A remark without words';
  },
};
