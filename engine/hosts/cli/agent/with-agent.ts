import { CofferError, type ExitName } from '../../../base/index.ts';
import { type AgentConnection, type AgentState, applyPatch, type Unsubscribe } from '../../../contract/index.ts';
import type { Session } from '../session.ts';
import { unlessStopped } from '../stopping.ts';
import type { Attached } from './attach.ts';

/** Attaches, and lets go whatever happens. Ends with the person's signal, and when the agent goes away meanwhile. */
export async function withAgent(
  session: Session,
  options: { readonly alone: boolean },
  work: (agent: Attached) => Promise<ExitName>,
): Promise<ExitName> {
  const agent = await session.agent(options);
  try {
    const lost = agent.closed.then((): never => {
      throw new CofferError('agent.gone');
    });
    // Also when the work ends first and nobody waits for this any more.
    lost.catch(() => {});
    return await unlessStopped(Promise.race([work(agent), lost]), session.signal);
  } finally {
    await agent.close();
  }
}

/** The state as it is, after each patch. */
export function followState(connection: AgentConnection, hear: (state: AgentState) => void): Unsubscribe {
  let state: AgentState | null = null;
  return connection.on('state', (patch) => {
    // The first patch after subscribing carries every field.
    state = state === null ? (patch as AgentState) : applyPatch(state, patch);
    hear(state);
  });
}

/** Said after what only a running agent makes use of. */
export function sayWhenAlone({ output }: Session, { isAlone }: Attached): void {
  if (isAlone) output.say('  Protection is not running. Start it: coffer daemon start');
}
