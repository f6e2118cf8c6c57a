import type { AgentState, Exposure, Standing } from '../../contract/index.ts';
import { agentReason, type Naming, pauseWords } from './agent-reasons.ts';
import { countOf, formatBytes } from './figures.ts';
import { formatAgo, formatSpan } from './moments.ts';
import type { Style } from './style.ts';

/** The state sentence: a word that says it all, what belongs to it, and the one thing to do where there is one. */
export type StateSentence = {
  readonly word: string;
  readonly rest: string;
  readonly remedy: string | null;
};

export function stateSentence(state: AgentState, naming: Naming): StateSentence {
  const { standing, reason, exposure } = state;
  const spoken = reason === null ? null : agentReason(reason, naming);
  const sentence = (word: string, ...rest: (string | null)[]): StateSentence => ({
    word,
    rest: rest.filter((part) => part !== null && part !== '').join(' · '),
    remedy: spoken?.remedy ?? null,
  });
  switch (standing) {
    case 'safe':
      return sentence('Safe.', safeFigures(state, naming.nowMs));
    case 'working':
      return sentence('Working:', spoken?.words ?? 'saving what changed', exposed(exposure));
    case 'waiting':
      return sentence('Waiting:', spoken?.words ?? 'for the next run', exposed(exposure));
    case 'paused':
      return sentence('Paused', pausedUntil(state, naming.nowMs), exposed(exposure, ' not saved'));
    case 'attention':
      return sentence('Attention:', spoken?.words ?? 'a place or a folder needs you', exposed(exposure, ' not saved'));
    case 'atRisk':
      // The words of being behind have the figures in them.
      return sentence(
        'At risk:',
        spoken?.words ?? 'a promise is not kept',
        reason?.code === 'risk.behind' && reason.context.files !== undefined ? null : exposed(exposure, ' not saved'),
      );
  }
}

/** One line: "Waiting: on battery 18 % · 2 files, 8 MB". */
export function sentenceLine({ word, rest }: StateSentence, paint: (word: string) => string = (text) => text): string {
  return `${paint(word)}${rest === '' ? '' : ` ${rest}`}`;
}

function safeFigures({ coverage, protectedMs }: AgentState, nowMs: number): string {
  const when = protectedMs === null ? '' : `, protected ${formatAgo(protectedMs, nowMs)}`;
  return `${countOf(coverage.files, 'file')}, ${formatBytes(coverage.bytes)}${when}`;
}

function pausedUntil({ pause }: AgentState, nowMs: number): string {
  return pause === null ? 'until you resume it' : pauseWords(pause, nowMs);
}

/** "2 files, 8 MB"; null when nothing waits. What is not looked at yet counts as one file, of which no size is known. */
export function exposed({ files, bytes }: Exposure, behind = ''): string | null {
  if (files === 0) return null;
  const what = countOf(files, 'file');
  return `${bytes === 0 ? `at least ${what}` : `${what}, ${formatBytes(bytes)}`}${behind}`;
}

/** What would be lost now: "nothing", or "2 files, 8 MB · changed 4 minutes ago" (the oldest of them). */
export function atRiskWords(exposure: Exposure): string {
  const what = exposed(exposure);
  return what === null ? 'nothing' : `${what} · changed ${formatSpan(exposure.seconds)} ago`;
}

export const standingWords: Readonly<Record<Standing, string>> = {
  safe: 'safe',
  working: 'working',
  waiting: 'waiting',
  paused: 'paused',
  attention: 'attention',
  atRisk: 'at risk',
};

/** Colours beside the words, never instead of them. */
export function paintStanding(style: Style, standing: Standing): (text: string) => string {
  switch (standing) {
    case 'safe':
      return style.safe;
    case 'working':
      return style.strong;
    case 'waiting':
    case 'paused':
    case 'attention':
      return style.attention;
    case 'atRisk':
      return style.risk;
  }
}
