import type { AgentConnection } from '../../contract/index.ts';
import { connectWire } from './face-end.ts';
import { type Port, wireOverPort } from './port-wire.ts';
import { type ServePorts, serveWire } from './serve-wire.ts';

/** Until what it returns is called, or the other end has gone. */
export function serveOverPort(agent: AgentConnection, port: Port, ports: ServePorts): () => void {
  return serveWire(agent, wireOverPort(port), ports);
}

/** `version` is that of this program. */
export function connectOverPort(port: Port, version: string): AgentConnection {
  return connectWire(wireOverPort(port), version).connection;
}
