/**
 * The agent on a local socket, for this user alone.
 *
 *     folder is not others' to change ─► lock: one agent a path ─► stale socket away ─► listen, mode 0600 ─► each peer: this user?
 *
 * A socket that is there although the lock was free belongs to an agent that died, unless somebody answers on it.
 */
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { type Clock, CofferError, limits, systemCode } from '../../base/index.ts';
import { type AgentConnection, loadCallCheck } from '../../contract/index.ts';
import { createPeerCheck, type Ports } from '../../index.ts';
import { openSocket } from './connect-agent.ts';
import { type ServePorts, serveWire } from './serve-wire.ts';
import { isNamedPipe } from './socket-path.ts';
import { wireOverSocket } from './socket-wire.ts';

export type ServeSocketPorts = ServePorts & { readonly clock: Clock } & Pick<Ports, 'fileSystem'>;

export type AgentServer = {
  readonly path: string;
  /** Faces get their last answers, if they read them soon. May be called twice. */
  close(): Promise<void>;
};

export async function serveAgent(agent: AgentConnection, path: string, ports: ServeSocketPorts): Promise<AgentServer> {
  const release = isNamedPipe(path) ? () => {} : claim(path, ports);
  try {
    if (!isNamedPipe(path)) await removeStale(path);
    const faces = new Map<Socket, () => void>();
    const server = createServer();
    server.maxConnections = limits.connections;
    const isAllowed = createGuard();
    server.on('connection', (socket) => {
      if (!isAllowed(socket)) {
        ports.log.warn('another user was turned away from the socket of the agent');
        socket.destroy();
        return;
      }
      faces.set(socket, serveWire(agent, wireOverSocket(socket, { holdsBack: true }), ports));
      socket.on('close', () => faces.delete(socket));
    });
    await listen(server, path);
    if (!isNamedPipe(path)) chmodSync(path, 0o600);
    server.on('error', (error) => ports.log.warn('the socket of the agent failed', { error }));
    void loadCallCheck(); // So that the first face does not wait for it.
    let closing: Promise<void> | null = null;
    const close = (): Promise<void> => (closing ??= shut(server, faces, ports.clock).finally(release));
    return { path, close };
  } catch (error) {
    release();
    throw error;
  }
}

const unusable = (path: string, detail: string, cause?: unknown): CofferError =>
  new CofferError('agent.socketUnusable', { path, detail }, cause);

/** Holds the path, until what it returns is called or this process ends however it ends. */
function claim(path: string, { fileSystem }: ServeSocketPorts): () => void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = lstatSync(folder);
    if (!stat.isDirectory()) throw unusable(folder, 'it is not a folder');
    // Somebody else who may rename in it could put a socket of his own there, and be told passphrases.
    if (!isOwn(stat.uid)) throw unusable(folder, 'it belongs to another user');
    if ((stat.mode & 0o1002) === 0o002) throw unusable(folder, 'everybody may write to it');
    const lock = fileSystem.lock(`${path}.lock`);
    if (lock === null) throw new CofferError('agent.running');
    return () => lock.release();
  } catch (error) {
    throw error instanceof CofferError ? error : unusable(folder, systemCode(error), error);
  }
}

function isOwn(userId: number): boolean {
  return process.getuid === undefined || userId === process.getuid() || userId === 0;
}

async function removeStale(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) throw unusable(dirname(path), `${path} is not a socket`);
  const socket = await openSocket(path);
  socket?.destroy();
  if (socket !== null) throw new CofferError('agent.running');
  rmSync(path, { force: true });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const isTaken = systemCode(error) === 'EADDRINUSE';
      reject(isTaken ? new CofferError('agent.running') : unusable(dirname(path), systemCode(error), error));
    });
    // The socket is made within `listen`, so that there is no moment in which others may connect. The mask holds for all
    // threads: it takes nothing from the owner, because a folder made meanwhile must stay usable.
    const before = process.umask(0o077);
    try {
      server.listen(path);
    } finally {
      process.umask(before);
    }
    server.once('listening', () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

/** Only this user and root: the permissions of the socket say so too, but can be changed. */
function createGuard(): (socket: Socket) => boolean {
  const peerOf = createPeerCheck();
  if (peerOf === null) return () => true;
  return (socket) => {
    const fd = descriptorOf(socket);
    try {
      return fd !== null && isOwn(peerOf(fd).userId);
    } catch {
      return false; // It has gone already.
    }
  };
}

/** Node has no other way to it. */
function descriptorOf(socket: Socket): number | null {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd?: number } | null };
  return handle?.fd === undefined || handle.fd < 0 ? null : handle.fd;
}

/** Node removes the socket file. */
async function shut(server: Server, faces: ReadonlyMap<Socket, () => void>, clock: Clock): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  for (const endFace of faces.values()) endFace();
  const waiting = new AbortController();
  await Promise.race([closed, clock.sleep(limits.farewellMs, waiting.signal).catch(() => {})]);
  waiting.abort();
  for (const socket of faces.keys()) socket.destroy();
  await closed;
}
