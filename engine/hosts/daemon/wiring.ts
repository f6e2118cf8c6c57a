import type { AgentConnection } from '../../contract/index.ts';
import type { HostAgentPorts, Identity } from '../engine.ts';
import type { connectAgent } from '../rpc/connect-agent.ts';
import type { serveAgent } from '../rpc/serve-agent.ts';
import type { socketPathOf } from '../rpc/socket-path.ts';

/** An agent in this process; `close` ends it well. */
export type Agent = AgentConnection & { start(): Promise<void> };

export type CreateAgent = (ports: HostAgentPorts, identity: Identity) => Agent;

/** How processes reach an agent. */
export type Rpc = {
  readonly serveAgent: typeof serveAgent;
  readonly connectAgent: typeof connectAgent;
  readonly socketPathOf: typeof socketPathOf;
};

/**
 * Where the daemon meets the agent and what carries it. Each part is loaded when it is needed: most commands need none, and
 * a supervisor must stay small.
 */
export async function rpc(): Promise<Rpc> {
  const { socketPathOf } = await import('../rpc/socket-path.ts');
  return {
    socketPathOf,
    connectAgent: async (...asked) => await (await import('../rpc/connect-agent.ts')).connectAgent(...asked),
    serveAgent: async (...asked) => await (await import('../rpc/serve-agent.ts')).serveAgent(...asked),
  };
}

export async function createAgent(): Promise<CreateAgent> {
  return await (await import('../../index.ts')).loadAgent();
}
