import type { AgentState } from '../../../contract/index.ts';
import type { Naming } from '../../text/agent-reasons.ts';
import { atRiskWords, paintStanding, sentenceLine, stateSentence } from '../../text/agent-state.ts';
import { wrap } from '../../text/columns.ts';
import { formatCount } from '../../text/figures.ts';
import { formatAtMoment } from '../../text/moments.ts';
import { widthOf } from '../../text/width.ts';
import { rowLines, type Screen } from './rows.ts';
import { runPlace, runWords } from './run-line.ts';
import { placeRow, sourceRow } from './state-rows.ts';

/**
 *     Waiting: on battery 18 % · 2 files, 8 MB
 *       → Back up anyway: coffer now --anyway
 *       Places    /mnt/disk/vault   waiting    protected 2 minutes ago
 *       Sources   ~/Documents       safe
 *       At risk   2 files, 8 MB · changed 4 minutes ago
 */
export function pictureOf(state: AgentState, naming: Naming, screen: Screen): string[] {
  const places = state.places.map((place) => placeRow(place, state.reason, naming));
  const sources = state.sources.map((source) => sourceRow(source, state.reason, naming));
  const widest = Math.max(0, ...[...places, ...sources].map(({ name }) => widthOf(name)));
  return [
    ...sentenceLines(state, naming, screen),
    ...runLines(state, naming, screen),
    ...rowLines('Places', places, screen, widest),
    ...rowLines('Sources', sources, screen, widest),
    ...coverageLines(state, screen),
    ...atRiskLines(state, screen),
    ...(state.nextRunMs === null ? [] : labelled('Next run', formatAtMoment(state.nextRunMs, naming.nowMs), screen)),
  ];
}

/** Without an agent nobody looks for changes, so that nothing is known to be all there is. */
function atRiskLines({ exposure, processId, sources, places }: AgentState, screen: Screen): string[] {
  const isUnknown = processId === 0 && exposure.files === 0;
  if (isUnknown || sources.length === 0 || places.length === 0) return [];
  return labelled('At risk', atRiskWords(exposure), screen);
}

function sentenceLines(state: AgentState, naming: Naming, screen: Screen): string[] {
  const sentence = stateSentence(state, naming);
  const paint = paintStanding(screen.style, state.standing);
  const [first = '', ...others] = fitted(sentenceLine(sentence), '', screen);
  const lines = [first.replace(sentence.word, paint), ...others.map((line) => `  ${line}`)];
  // Which files could not be saved stands below.
  if (sentence.remedy !== null && state.reason?.code !== 'attention.filesFailed') lines.push(`  → ${sentence.remedy}`);
  if (state.processId === 0 && state.reason?.code !== 'attention.notRunning')
    lines.push('  Protection is not running. Start it: coffer daemon start');
  return lines;
}

function runLines(state: AgentState, naming: Naming, screen: Screen): string[] {
  if (state.run === null) return [];
  const place = runPlace(state);
  return labelled('Run', `${place === null ? '' : `${naming.path(place)} · `}${runWords(state.run)}`, screen);
}

/** seen = saved + left out + still to come + failed: nothing is passed over in silence. */
function coverageLines({ coverage }: AgentState, screen: Screen): string[] {
  const { seen, saved, leftOut, failed, deferred } = coverage;
  if (failed + deferred === 0)
    return leftOut === 0 ? [] : labelled('Left out', `${formatCount(leftOut)} by rule`, screen);
  const parts = [
    `${formatCount(saved)} saved`,
    `${formatCount(leftOut)} left out`,
    ...(deferred === 0 ? [] : [`${formatCount(deferred)} still to come`]),
    ...(failed === 0 ? [] : [`${formatCount(failed)} failed`]),
  ];
  return labelled('Seen', `${formatCount(seen)} = ${parts.join(' + ')}`, screen);
}

function labelled(label: string, words: string, screen: Screen): string[] {
  const [first = '', ...others] = fitted(words, ' '.repeat(12), screen);
  return [`  ${label.padEnd(10)}${first}`, ...others.map((line) => `${' '.repeat(12)}${line}`)];
}

/** Broken at spaces on a terminal, with room for an indent; left whole in a pipe. */
function fitted(words: string, indent: string, { columns, isTerminal }: Screen): string[] {
  return isTerminal ? wrap(words, Math.max(30, columns - indent.length - 1)).split('\n') : [words];
}
