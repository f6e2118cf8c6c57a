import { lstatSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type Clock, CofferError, limits, systemCode } from '../../base/index.ts';
import type { AgentConnection } from '../../contract/index.ts';
import { connectWire, type FaceEnd } from './face-end.ts';
import { isNamedPipe } from './socket-path.ts';
import { wireOverSocket } from './socket-wire.ts';

export type ConnectOptions = {
  /** Of this program. */
  readonly version: string;
  readonly clock: Clock;
};

/** Null: nobody listens there. It keeps the process running until it is closed. */
export async function connectAgent(path: string, { version, clock }: ConnectOptions): Promise<AgentConnection | null> {
  const socket = await openSocket(path);
  if (socket === null) return null;
  const end = connectWire(wireOverSocket(socket, { holdsBack: false }), version);
  await waitForGreeting(end, clock);
  return end.connection;
}

/** An agent that is stopped or stuck lets others connect and says nothing. */
async function waitForGreeting({ greeted, connection }: FaceEnd, clock: Clock): Promise<void> {
  const waiting = new AbortController();
  const late = clock.sleep(limits.greetingMs, waiting.signal).then(
    () => Promise.reject(new CofferError('agent.silent')),
    () => {},
  );
  try {
    await Promise.race([greeted, late]);
  } catch (error) {
    await connection.close();
    throw error;
  } finally {
    waiting.abort();
  }
}

/** What connecting to a socket fails with where nobody listens. */
const nobody = new Set(['ENOENT', 'ENOTDIR', 'ECONNREFUSED']);
const notAllowed = new Set(['EACCES', 'EPERM']);

/** Null where nobody listens. */
export async function openSocket(path: string): Promise<Socket | null> {
  if (!isNamedPipe(path) && isOfAnother(path)) throw new CofferError('agent.denied', { path });
  return await new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error) => {
      const code = systemCode(error);
      if (nobody.has(code)) resolve(null);
      else reject(new CofferError(notAllowed.has(code) ? 'agent.denied' : 'agent.silent', { path }, error));
    });
  });
}

/** A passphrase may travel over it, so it must be a socket of this user. Root is asked by nobody and may ask everybody. */
function isOfAnother(path: string): boolean {
  const own = process.getuid?.() ?? 0;
  if (own === 0) return false;
  let owner: number | undefined;
  try {
    owner = lstatSync(path, { throwIfNoEntry: false })?.uid;
  } catch (error) {
    if (notAllowed.has(systemCode(error))) return true;
    throw error;
  }
  return owner !== undefined && owner !== own && owner !== 0;
}
