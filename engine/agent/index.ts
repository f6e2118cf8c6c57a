export { type Agent, createAgent } from './agent.ts';
export type { AgentPorts, AgentSecrets, Identity, NetworkPort, PowerPort } from './ports.ts';
