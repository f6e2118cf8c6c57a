import type { AgentState } from '../../../contract/index.ts';
import type { Naming } from '../../text/agent-reasons.ts';
import { withTilde } from '../../text/names.ts';
import type { Session } from '../session.ts';

type Named = { readonly places: readonly { readonly id: number; readonly url: string }[] };

/** How reasons name things on this screen: what is copied from a pipe stays as it is. */
export function namingOf(session: Pick<Session, 'host' | 'output'>, { places }: Named): Naming {
  const { host, output } = session;
  return {
    nowMs: host.clock.now(),
    path: (path) => shownPath(session, path),
    placeUrl: (id) => places.find((place) => place.id === id)?.url ?? null,
    inItsRow: false,
    ...(output.json ? { path: (path: string) => path } : {}),
  };
}

/** On a terminal the home folder is ~. */
export function shownPath({ host, output }: Pick<Session, 'host' | 'output'>, path: string): string {
  return output.isTerminal ? output.path(withTilde(path, host.userHome)) : path;
}

/**
 * What a command says of an agent of its own: nothing is watched, whatever its figures are. What is missing before anything
 * can be protected, or a promise that is not kept, stays in front.
 */
export function asAlone(state: AgentState): AgentState {
  const { standing, reason } = state;
  const staysInFront =
    standing === 'atRisk' || reason?.code === 'attention.noSources' || reason?.code === 'attention.noPlaces';
  return staysInFront
    ? { ...state, processId: 0 }
    : { ...state, processId: 0, standing: 'attention', reason: { code: 'attention.notRunning', context: {} } };
}
