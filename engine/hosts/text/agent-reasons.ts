import { CofferError, catalogue, type ErrorCode } from '../../base/index.ts';
import type { Pause, Reason, ReasonCode } from '../../contract/index.ts';
import { countOf, formatBytes } from './figures.ts';
import { formatAtMoment, formatMoment, formatSpan } from './moments.ts';
import { shellWord } from './names.ts';
import { describeInWords, reasonOf } from './reasons.ts';

/** The agent's reasons as people read them: what goes behind "Waiting:", and the one thing to do where there is one. */
export type AgentWords = { readonly words: string; readonly remedy: string | null };

/** What the words need beside the figures of the reason itself. */
export type Naming = {
  readonly nowMs: number;
  /** How a path or an address is shown. */
  readonly path: (path: string) => string;
  /** The address of a place by its number; null when it is not known any more. */
  readonly placeUrl: (id: number) => string | null;
  /** The words stand in the row of the place or source itself, which need not be named again. */
  readonly inItsRow: boolean;
};

export function agentReason(reason: Reason, naming: Naming): AgentWords {
  const { words, remedy } = phrases[reason.code](figuresOf(reason.context, naming));
  return { words, remedy: remedy ?? null };
}

/** "until 14:05", "until the computer is on mains power", "until you resume it". */
export function pauseWords(pause: Pause, nowMs: number): string {
  if (pause.until === 'power') return 'until the computer is on mains power';
  if (pause.until === 'time' && pause.untilMs !== null) return `until ${formatMoment(pause.untilMs, nowMs)}`;
  return 'until you resume it';
}

/** An error code that the agent met, in the middle of a sentence. */
export function errorWords(code: string, context: Reason['context'], place: string): string {
  if (!Object.hasOwn(catalogue, code)) return reasonOf(code).words;
  const known = new CofferError(code as ErrorCode, { store: place, path: place, ...context });
  // A blank that nothing fills would only puzzle.
  const sentence = describeInWords(known).what.replace(/: \?/, '').replace(/\.$/, '');
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

export type Figures = {
  number(name: string): number | null;
  text(name: string): string | null;
  /** As it is shown: "it" in its own row. */
  readonly place: string;
  readonly path: string;
  /** As they are typed, in commands to copy. */
  readonly placeTyped: string;
  readonly pathTyped: string;
  /** "until 14:05", with a blank before it; empty when no time is known. */
  readonly until: string;
  /** "at 14:05" likewise. */
  readonly at: string;
  /** A path or a name as it may be shown here, also in the row of something else. */
  shown(name: string): string;
  readonly nowMs: number;
  readonly context: Reason['context'];
};

export function figuresOf(context: Reason['context'], naming: Naming): Figures {
  const { nowMs } = naming;
  const number = (name: string): number | null => {
    const value = context[name];
    return typeof value === 'number' ? value : null;
  };
  const text = (name: string): string | null => {
    const value = context[name];
    return typeof value === 'string' ? value : null;
  };
  const placeId = number('place');
  const place = text('place') ?? text('url') ?? (placeId === null ? null : naming.placeUrl(placeId));
  const path = text('path');
  const untilMs = number('untilMs');
  const shown = (value: string | null, otherwise: string): string =>
    naming.inItsRow ? 'it' : value === null ? otherwise : naming.path(value);
  return {
    number,
    text,
    place: shown(place, 'a place'),
    path: shown(path, 'a folder'),
    placeTyped: place === null ? 'URL' : shellWord(place),
    pathTyped: path === null ? 'PATH' : shellWord(path),
    until: untilMs === null ? '' : ` until ${formatMoment(untilMs, nowMs)}`,
    at: untilMs === null ? '' : ` ${formatAtMoment(untilMs, nowMs)}`,
    shown: naming.path,
    nowMs,
    context,
  };
}

type Phrase = (figures: Figures) => { readonly words: string; readonly remedy?: string };

const says =
  (words: string, remedy?: string): Phrase =>
  () => ({ words, ...(remedy === undefined ? {} : { remedy }) });

const anyway = 'Back up anyway: coffer now --anyway';

/** "on battery 18 %", with the limit where it is the limit that counts. */
function onBattery({ number }: Figures): string {
  const percent = number('percent');
  return percent === null ? 'on battery' : `on battery ${Math.round(percent)} %`;
}

/** The file is named, because it may be one that serves several places. */
function locked({ place, placeTyped, text, pathTyped, shown }: Figures): ReturnType<Phrase> {
  const path = text('path');
  const file = path === null ? null : shown(path);
  const unlock = `Unlock it: coffer places unlock ${placeTyped}`;
  const is = `${place} is locked`;
  switch (text('error')) {
    case 'secret.wrong':
      return {
        words: `${is}; the passphrase ${file === null ? 'that this computer keeps' : `in ${file}`} does not open it`,
        remedy: unlock,
      };
    case 'secret.fileShared': {
      const remedy = `Let only yourself read it: chmod 600 ${pathTyped}`;
      return file === null ? { words: is, remedy: unlock } : { words: `${is}; others may read ${file}`, remedy };
    }
    case 'secret.fileNotOwn':
      return { words: file === null ? is : `${is}; ${file} belongs to another user`, remedy: unlock };
    case 'secret.fileUnreadable':
      return { words: file === null ? is : `${is}; ${file} cannot be read`, remedy: unlock };
    default:
      return { words: is, remedy: unlock };
  }
}

/** Names are chosen by whoever runs the network, also by strangers. */
function onWifi({ text, shown }: Figures): ReturnType<Phrase> {
  const name = text('wifi');
  if (name === null) return { words: 'the name of this Wi-Fi is not known', remedy: anyway };
  const isOther = text('policy') === 'only';
  return { words: `on the Wi-Fi “${shown(name)}”${isOther ? ', which is none that you chose' : ''}`, remedy: anyway };
}

function errorOf({ text, context, place }: Figures): string {
  const code = text('error');
  // In its own row the place is "it".
  return code === null ? '' : errorWords(code, context, place).replace(/^the place it /, 'it ');
}

/** Where a check of the vault can tell more. */
function isOfVault({ text }: Figures): boolean {
  const code = text('error') ?? '';
  const known = Object.entries(catalogue).find(([name]) => name === code)?.[1];
  return known === undefined || known.exit === 'vaultDamaged' || code === 'store.failed';
}

function behind({ number }: Figures): string {
  const [files, bytes, seconds] = [number('files'), number('bytes'), number('seconds')];
  const what = files === null ? 'changes are' : `${countOf(files, 'file')} ${files === 1 ? 'is' : 'are'}`;
  const size = bytes === null || files === null ? '' : ` (${formatBytes(bytes)})`;
  return `${what} not saved${size}${seconds === null ? '' : ` for ${formatSpan(seconds)}`}, longer than promised`;
}

/** The end of a pause, as contexts have it. */
export function untilWords({ number, text, nowMs }: Figures): string {
  const until = text('until') === 'power' ? 'power' : 'time';
  return pauseWords({ until, untilMs: number('untilMs') }, nowMs);
}

const phrases: Readonly<Record<ReasonCode, Phrase>> = {
  'wait.quiet': says('for a quiet moment, while files still change'),
  'wait.spacing': ({ at }) => ({ words: at === '' ? 'for the next run' : `next run${at}` }),
  'wait.times': ({ at }) => ({ words: at === '' ? 'for its time' : `next run${at}`, remedy: 'Now: coffer now' }),
  'wait.battery': (figures) => ({ words: onBattery(figures), remedy: anyway }),
  'wait.onBattery': (figures) => ({ words: onBattery(figures), remedy: anyway }),
  'wait.metered': says('on a metered network', anyway),
  'wait.network': says('no network'),
  'wait.wifi': onWifi,
  'wait.quietHours': ({ until }) => ({ words: `quiet hours${until}`, remedy: anyway }),
  'wait.placeMissing': ({ place }) => ({ words: `${place} is not there`, remedy: 'Connect its drive or network' }),
  'wait.placeHangs': ({ place }) => ({
    words: `the drive of ${place} does not answer`,
    remedy: 'Connect its network again, or restart the computer',
  }),
  'wait.placeBusy': ({ place }) => ({ words: `another Coffer writes to ${place}` }),
  'wait.backoff': (figures) => {
    const error = errorOf(figures);
    const again = figures.at === '' ? 'trying again soon' : `trying again${figures.at}`;
    return { words: error === '' ? `${figures.place} did not answer, ${again}` : `${error}, ${again}` };
  },
  'paused.person': (figures) => ({ words: `paused ${untilWords(figures)}`, remedy: 'Resume: coffer resume' }),
  'attention.noSources': says('no folder is chosen yet', 'Choose one: coffer sources add ~/Documents'),
  'attention.noPlaces': says('there is no place to save to yet', 'Add one: coffer places add /mnt/disk/vault'),
  'attention.locked': locked,
  'attention.notRunning': says('protection is not running', 'Start it: coffer daemon start'),
  'attention.placeError': (figures) => {
    const error = errorOf(figures);
    const { place, placeTyped } = figures;
    return {
      words: error === '' ? `${place} cannot be used` : error,
      ...(figures.text('error') === 'store.full' && { remedy: 'Free some space there; it goes on by itself' }),
      ...(isOfVault(figures) && { remedy: `Look at it: coffer check --store ${placeTyped}` }),
    };
  },
  'attention.sourceMissing': ({ path, pathTyped }) => ({
    words: `${path} is not there`,
    remedy: `Connect its drive, or take it out: coffer sources remove ${pathTyped}`,
  }),
  'attention.sourceHangs': ({ path }) => ({
    words: `the drive of ${path} does not answer`,
    remedy: 'Connect its network again, or restart the computer',
  }),
  'attention.filesFailed': ({ number }) => ({
    words: `${countOf(number('files') ?? 1, 'file')} could not be saved`,
    remedy: 'See which and why: coffer status',
  }),
  'attention.firstRun': says('not everything has been saved once yet', 'Now: coffer now'),
  'risk.behind': (figures) => {
    // What holds it back is what can be done something about.
    const because = figures.text('because') ?? '';
    const cause = Object.hasOwn(phrases, because) ? phrases[because as ReasonCode](figures) : null;
    return { words: behind(figures), remedy: cause?.remedy ?? 'Now: coffer now --anyway' };
  },
  'risk.vaultOlder': ({ place, placeTyped }) => ({
    words: `${place} is older than what this computer has seen`,
    remedy: `See what it holds: coffer snapshots --store ${placeTyped} --accept-rollback`,
  }),
  'run.changes': says('saving what changed'),
  'run.exposure': says('saving what has waited as long as promised'),
  'run.times': says('its time has come'),
  // After a start or a sleep it is not known what has changed.
  'run.caughtUp': ({ number }) => ({
    words: number('slotMs') === null ? 'looking for what changed meanwhile' : 'catching up on a missed time',
  }),
  'run.asked': says('saving, as you asked'),
  'run.reconcile': says('looking for changes that were not noticed'),
  'run.first': says('saving everything for the first time'),
  'run.goesOn': says('going on with what there was no time for yet'),
};
