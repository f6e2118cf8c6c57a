export { type Agent, createAgent } from './agent.ts';
export type { AgentPorts, AgentSecrets, FoundSecret, Identity, NetworkPort, PowerPort, Wifi } from './ports.ts';
