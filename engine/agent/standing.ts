import { type Exposure, type Reason, type ReasonCode, reason, type Standing } from '../contract/index.ts';
import type { Decision } from './schedule/index.ts';

export type Judged = { readonly standing: Standing; readonly reason: Reason | null };

export type Picture = {
  readonly places: readonly Judged[];
  readonly sources: readonly Judged[];
  /** Why the run under way began; null when none is. */
  readonly run: Reason | null;
  readonly decision: Decision;
  readonly exposure: Exposure;
  /** See `promisedSeconds`. */
  readonly promisedSeconds: number | null;
};

/**
 * The whole in one word. The worst counts, in this order:
 *
 * - `atRisk`: a promise is not kept. A place shows an older vault; or changes are unsaved for longer than twice what was
 *   promised, and nothing is being done about it.
 * - `attention`: only the person can go on. Above `working`, so that neither a locked place nor a file that cannot be read
 *   hides behind runs that come and go.
 * - `paused`, `working`.
 * - `attention` once more, for a first run that has not happened and is not under way.
 * - `waiting`: something would be saved and something forbids it.
 * - `safe`.
 */
export function standingOf(picture: Picture): Judged {
  return (
    atRisk(picture) ?? attention(picture) ?? pausedOrWorking(picture) ?? notYet(picture) ?? waiting(picture) ?? safe
  );
}

const safe: Judged = { standing: 'safe', reason: null };

/** What helps most is told first: the rest often follows from it. */
const urgency: readonly ReasonCode[] = [
  'attention.notRunning',
  'attention.noSources',
  'attention.noPlaces',
  'attention.locked',
  'attention.placeError',
  'attention.sourceMissing',
  'attention.sourceHangs',
  'attention.filesFailed',
];

/** Once is late, twice is behind: a run that is late by its own length is no news. */
const behindFactor = 2;
/** However little is promised, a run has to begin and end. */
const behindLeastSeconds = 60;
/** A pause and policies are the person's own word, which holds longer than the promise, but not for ever. */
const ownWordSeconds = 24 * 60 * 60;
const ownWords: ReadonlySet<ReasonCode> = new Set([
  'paused.person',
  'wait.battery',
  'wait.onBattery',
  'wait.metered',
  'wait.wifi',
  'wait.quietHours',
]);

function atRisk(picture: Picture): Judged | null {
  const ofPlace = picture.places.find(({ standing }) => standing === 'atRisk');
  return ofPlace ?? behind(picture);
}

function behind({ run, decision, exposure, promisedSeconds }: Picture): Judged | null {
  if (run !== null || decision.kind === 'run' || promisedSeconds === null) return null;
  const because = decision.kind === 'wait' ? decision.reason.code : null;
  const isOwnWord = because !== null && ownWords.has(because);
  const mostSeconds = Math.max(behindFactor * promisedSeconds, isOwnWord ? ownWordSeconds : behindLeastSeconds);
  if (exposure.seconds <= mostSeconds) return null;
  // The cause goes along: it is what the person can do something about.
  const context = { ...exposure, promisedSeconds, ...(because === null ? {} : { because }) };
  return { standing: 'atRisk', reason: reason('risk.behind', context) };
}

function attention({ places, sources, decision }: Picture): Judged | null {
  const reasons = [
    ...(decision.kind === 'wait' ? [decision.reason] : []),
    ...[...places, ...sources].flatMap((judged) => (judged.reason === null ? [] : [judged.reason])),
  ];
  const first = urgency.flatMap((code) => reasons.filter((found) => found.code === code)).at(0);
  return first === undefined ? null : { standing: 'attention', reason: first };
}

function pausedOrWorking({ run, decision }: Picture): Judged | null {
  // A run under way during a pause was asked for in spite of it.
  if (run !== null) return { standing: 'working', reason: run };
  const isPaused = decision.kind === 'wait' && decision.reason.code === 'paused.person';
  return isPaused ? { standing: 'paused', reason: decision.reason } : null;
}

function notYet({ places }: Picture): Judged | null {
  return places.find((place) => place.reason?.code === 'attention.firstRun') ?? null;
}

function waiting({ places, sources, decision, exposure }: Picture): Judged | null {
  if (decision.kind === 'wait') return { standing: 'waiting', reason: decision.reason };
  // About to begin, in the moment before it has.
  if (decision.kind === 'run') return { standing: 'working', reason: decision.reason };
  const held = [...places, ...sources].find(({ standing }) => standing === 'waiting');
  if (held !== undefined) return held;
  return exposure.files > 0 ? { standing: 'waiting', reason: null } : null;
}
