import type { PlaceState, Reason, SourceState, Standing } from '../../../contract/index.ts';
import { agentReason, type Naming } from '../../text/agent-reasons.ts';
import { exposed } from '../../text/agent-state.ts';
import { formatAgo } from '../../text/moments.ts';
import type { Row } from './rows.ts';

/** `shown` is the reason that is told already. */
export function placeRow(place: PlaceState, shown: Reason | null, naming: Naming): Row {
  const { url, standing, reason, protectedMs, snapshot } = place;
  const notYet = snapshot === null ? 'nothing saved yet' : 'not everything saved yet';
  const when = protectedMs === null ? notYet : `protected ${formatAgo(protectedMs, naming.nowMs)}`;
  return { name: naming.path(url), standing, ...noteOf(reason, standing, shown, naming, when) };
}

const watchingWords = {
  events: '',
  scanning: 'watched by scanning: the system has no room for more',
  starting: 'about to be watched',
  absent: 'not there now',
  off: 'not watched now',
} as const;

export function sourceRow(source: SourceState, shown: Reason | null, naming: Naming): Row {
  const { path, standing, reason, watching } = source;
  return { name: naming.path(path), standing, ...noteOf(reason, standing, shown, naming, watchingWords[watching]) };
}

/** The reason of a row; what the sentence above has said already is not said again. */
function noteOf(
  reason: Reason | null,
  standing: Standing,
  shown: Reason | null,
  naming: Naming,
  otherwise: string,
): Pick<Row, 'note' | 'remedy'> {
  const isToldAbove = reason !== null && reason.code === shown?.code;
  if (reason === null || standing === 'safe' || standing === 'working') return { note: otherwise, remedy: null };
  const { words, remedy } = agentReason(reason, { ...naming, inItsRow: true });
  const { files, bytes } = reason.context;
  const what =
    typeof files === 'number' && typeof bytes === 'number' && !reason.code.startsWith('risk.')
      ? exposed({ files, bytes, seconds: 0 })
      : null;
  return {
    note: what === null || isToldAbove ? words : `${words} · ${what}`,
    remedy: isToldAbove ? null : remedy,
  };
}
