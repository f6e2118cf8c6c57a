import { type ErrorCode, isCofferError } from '../../base/index.ts';
import type { AgentConnection, AgentState } from '../../contract/index.ts';
import type { BareSession } from '../cli/session.ts';
import { inTime } from '../in-time.ts';
import type { Places } from './places.ts';

/** Whoever listens at the agent's socket. */
export type Reached = {
  /** Null when it is of another version, or does not even greet. */
  readonly connection: AgentConnection | null;
  /** Null when it does not say. */
  readonly state: AgentState | null;
  /** Lets it go on. */
  leave(): Promise<void>;
};

const answerMostMs = 3_000;

/** There is an agent, and this program cannot speak with it. */
const speechless: readonly ErrorCode[] = ['agent.silent', 'agent.otherVersion'];

/** Null when no agent runs. */
export async function reachAgent({ host }: Pick<BareSession, 'host'>, places: Places): Promise<Reached | null> {
  const { connectAgent } = await host.rpc();
  let connection: AgentConnection | null;
  try {
    connection = await connectAgent(places.socket, host);
  } catch (error) {
    // It ended while we greeted.
    if (isCofferError(error, 'agent.gone')) return null;
    if (!isCofferError(error) || !speechless.includes(error.code)) throw error;
    return { connection: null, state: null, leave: async () => {} };
  }
  if (connection === null) return null;
  const { api } = connection;
  const state = await inTime(
    host.clock,
    answerMostMs,
    api.state().catch(() => null),
  );
  return { connection, state, leave: () => connection.close() };
}
