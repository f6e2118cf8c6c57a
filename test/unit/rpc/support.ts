import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../engine/base/index.ts';
import type { AgentConnection } from '../../../engine/contract/index.ts';
import { connectAgent } from '../../../engine/hosts/rpc/connect-agent.ts';
import { createFrameReader, encodeFrame } from '../../../engine/hosts/rpc/frames.ts';
import { protocol } from '../../../engine/hosts/rpc/messages.ts';
import { type AgentServer, serveAgent } from '../../../engine/hosts/rpc/serve-agent.ts';
import { createPorts } from '../../../engine/index.ts';
import { createFakeAgent, type FakeAgent } from '../../support/fake-agent.ts';
import { temporaryFolder } from '../../support/folder.ts';

export const servePorts = { ...createPorts({ home: '/nowhere' }), version: '1.2.3', processId: process.pid };
export const connectOptions = { version: '1.2.3', clock: systemClock };

export type Served = { readonly agent: FakeAgent; readonly path: string; readonly server: AgentServer };

/** A fake agent on a socket of its own. Call it inside a test. */
export async function serveFake(path = join(temporaryFolder(), 'home', 'agent.sock')): Promise<Served> {
  const agent = createFakeAgent();
  const server = await serveAgent(agent, path, servePorts);
  onTestFinished(() => server.close());
  return { agent, path, server };
}

export async function connectTo(path: string): Promise<AgentConnection> {
  const face = await connectAgent(path, connectOptions);
  if (face === null) throw new Error('nobody listens');
  onTestFinished(() => face.close());
  return face;
}

/** A face that says what it likes. */
export type RawFace = {
  readonly socket: Socket;
  readonly heard: readonly unknown[];
  readonly closed: Promise<void>;
  say(...messages: readonly unknown[]): void;
};

export const hello = { kind: 'hello', protocol, version: '1.2.3' };

export async function connectRaw(path: string): Promise<RawFace> {
  const socket = connect(path);
  onTestFinished(() => void socket.destroy());
  const heard: unknown[] = [];
  const read = createFrameReader((message) => heard.push(message));
  socket.on('data', read);
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return { socket, heard, closed, say: (...messages) => void socket.write(Buffer.concat(messages.map(encodeFrame))) };
}
