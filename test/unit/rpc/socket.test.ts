import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectAgent } from '../../../engine/hosts/rpc/connect-agent.ts';
import { encodeFrame } from '../../../engine/hosts/rpc/frames.ts';
import { serveAgent } from '../../../engine/hosts/rpc/serve-agent.ts';
import { createFakeAgent, sampleState } from '../../support/fake-agent.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { connectOptions, connectRaw, connectTo, hello, serveFake, servePorts } from './support.ts';

const childFile = fileURLToPath(new URL('../../support/agent-socket-child.ts', import.meta.url));

async function startAgent(path: string): Promise<ChildProcess> {
  const child = fork(childFile, [path]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('the socket of an agent', () => {
  it('is for its user alone, in a folder made for its user alone', async () => {
    const { path } = await serveFake();
    expect(modeOf(path)).toBe('600');
    expect(modeOf(dirname(path))).toBe('700');
  });

  it('is for its user alone from the first moment', async () => {
    const path = join(temporaryFolder(), 'agent.sock');
    const serving = serveAgent(createFakeAgent(), path, servePorts);
    for (let turns = 0; turns < 100 && !existsSync(path); turns++) await null;
    expect(Number.parseInt(modeOf(path), 8) & 0o077).toBe(0);
    await (await serving).close();
  });

  it('goes when the agent ends, and then nobody is found', async () => {
    const { path, server } = await serveFake();
    await server.close();
    await server.close();
    expect(existsSync(path)).toBe(false);
    expect(await connectAgent(path, connectOptions)).toBeNull();
  });

  it('of an agent that was killed is left behind by it, found dead, and replaced', async () => {
    const path = join(temporaryFolder(), 'agent.sock');
    const child = await startAgent(path);
    const face = await connectTo(path);
    await kill(child);
    await face.closed;
    expect(existsSync(path)).toBe(true);
    expect(await connectAgent(path, connectOptions)).toBeNull();
    await serveFake(path);
    expect(await (await connectTo(path)).api.state()).toEqual(sampleState);
  });

  it('of a living agent is left alone', async () => {
    const path = join(temporaryFolder(), 'agent.sock');
    await startAgent(path);
    await expect(serveAgent(createFakeAgent(), path, servePorts)).rejects.toMatchObject({ code: 'agent.running' });
    expect(await (await connectTo(path)).api.state()).toEqual(sampleState);
  });

  it('of something that lives and holds no lock is left alone too', async () => {
    const path = join(temporaryFolder(), 'agent.sock');
    const other = createServer().listen(path);
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    await expect(serveAgent(createFakeAgent(), path, servePorts)).rejects.toMatchObject({ code: 'agent.running' });
    expect(existsSync(path)).toBe(true);
  });

  it('is not put in the place of a file', async () => {
    const path = join(temporaryFolder(), 'agent.sock');
    writeFileSync(path, 'a letter');
    await expect(serveAgent(createFakeAgent(), path, servePorts)).rejects.toMatchObject({
      code: 'agent.socketUnusable',
    });
    expect(statSync(path).size).toBe(8);
  });

  it('is not made where everybody may change names', async () => {
    const folder = join(temporaryFolder(), 'open');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const serving = serveAgent(createFakeAgent(), join(folder, 'agent.sock'), servePorts);
    await expect(serving).rejects.toMatchObject({ code: 'agent.socketUnusable' });
  });

  it('is not made in the folder of another user', async (context) => {
    if (process.getuid?.() !== 0) context.skip('only root can make a folder of another user');
    const folder = join(temporaryFolder(), 'theirs');
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, 65534, 65534);
    const serving = serveAgent(createFakeAgent(), join(folder, 'agent.sock'), servePorts);
    await expect(serving).rejects.toMatchObject({ code: 'agent.socketUnusable' });
  });

  describe('and another user', () => {
    /** What another user meets who connects and greets. */
    async function tryAsAnother(path: string): Promise<string> {
      const script = `
        const socket = require('node:net').connect(${JSON.stringify(path)});
        const body = Buffer.from(${JSON.stringify(JSON.stringify(hello))});
        const head = Buffer.alloc(4);
        head.writeUInt32BE(body.length);
        let heard = 0;
        socket.on('connect', () => socket.write(Buffer.concat([head, body])));
        socket.on('data', (bytes) => { heard += bytes.length; socket.end(); });
        socket.on('error', (error) => { if (error.code === 'EACCES') console.log('EACCES'); });
        socket.on('close', () => console.log('heard', heard));`;
      const options = { uid: 65534, gid: 65534, cwd: '/' };
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], options);
      return stdout.trim().split('\n')[0] ?? '';
    }

    it('may not connect', async (context) => {
      if (process.getuid?.() !== 0) context.skip('only root can become another user');
      const { path } = await serveFake();
      expect(await tryAsAnother(path)).toBe('EACCES');
    });

    it('is turned away even if permissions were opened', async (context) => {
      if (process.getuid?.() !== 0) context.skip('only root can become another user');
      const { path } = await serveFake();
      chmodSync(path, 0o666);
      for (let folder = dirname(path); folder.includes('coffer-test-'); folder = dirname(folder))
        chmodSync(folder, 0o755);
      expect(await tryAsAnother(path)).toBe('heard 0');
      expect(await (await connectTo(path)).api.state()).toEqual(sampleState);
    });
  });

  it('lets several faces ask and listen at once', async () => {
    const { path, agent } = await serveFake();
    const faces = await Promise.all(Array.from({ length: 20 }, () => connectTo(path)));
    const heard = faces.map((face) => new Promise<number>((resolve) => face.on('activity', ({ id }) => resolve(id))));
    await Promise.all(faces.map((face) => face.api.state()));
    agent.emit('activity', { id: 42, atMs: 0, kind: 'woke', isProblem: false, context: {} });
    expect(await Promise.all(heard)).toEqual(faces.map(() => 42));
    await Promise.all(faces.map((face) => face.close()));
    await (await connectTo(path)).api.state();
    await expect.poll(() => agent.listeners()).toBe(0);
  });

  it('says in words that a face is of another protocol, and which versions the two have', async () => {
    const { path } = await serveFake();
    const raw = await connectRaw(path);
    raw.say({ ...hello, protocol: 99 });
    await raw.closed;
    expect(raw.heard).toEqual([{ ...hello, processId: process.pid }]);
  });

  it('is left by a face whose protocol the agent does not speak', async () => {
    const path = join(temporaryFolder(), 'agent.sock');
    const newer = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(encodeFrame({ kind: 'hello', protocol: 2, version: '9.0.0', processId: 5 }));
    });
    newer.listen(path);
    onTestFinished(() => void newer.close());
    await once(newer, 'listening');
    await expect(connectAgent(path, connectOptions)).rejects.toMatchObject({
      code: 'agent.otherVersion',
      context: { agent: '9.0.0', own: '1.2.3', processId: 5 },
    });
  });

  it('of an agent that is stuck is not waited for without end', async () => {
    const path = join(temporaryFolder(), 'agent.sock');
    const stuck = createServer((socket) => void socket.on('error', () => {})).listen(path);
    onTestFinished(() => void stuck.close());
    await once(stuck, 'listening');
    const clock = { ...connectOptions.clock, sleep: async () => {} };
    await expect(connectAgent(path, { ...connectOptions, clock })).rejects.toMatchObject({ code: 'agent.silent' });
  });

  it('lets a call that ends the agent be answered', async () => {
    const { path, server } = await serveFake();
    const face = await connectTo(path);
    const stopping = face.api.stop();
    await face.api.state().then(() => server.close());
    await stopping;
    await face.closed;
  });
});
