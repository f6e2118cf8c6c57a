import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectOverPort, serveOverPort } from '../../../engine/hosts/rpc/over-port.ts';
import { portOfProcess } from '../../../engine/hosts/rpc/process-port.ts';
import { describeAgentConnection } from '../../contract/agent-connection.ts';
import { createFakeAgent } from '../../support/fake-agent.ts';
import { connectTo, serveFake, servePorts } from './support.ts';

const childFile = fileURLToPath(new URL('../../support/agent-child.ts', import.meta.url));

describeAgentConnection({
  name: 'direct call',
  isDirect: true,
  connect: async () => ({ face: createFakeAgent(), end: () => {} }),
});

describeAgentConnection({
  name: 'MessagePort',
  connect: async () => {
    const { port1, port2 } = new MessageChannel();
    const end = serveOverPort(createFakeAgent(), port1, servePorts);
    return { face: connectOverPort(port2, '1.2.3'), end };
  },
});

describe('a child process', () => {
  // One for all tests, because starting it takes longer than all of them.
  let child: ChildProcess;
  beforeAll(() => {
    child = fork(childFile);
  });
  afterAll(() => void child.kill('SIGKILL'));

  describeAgentConnection({
    name: 'its channel',
    connect: async () => {
      child.send('serve');
      return { face: connectOverPort(portOfProcess(child), '1.2.3'), end: () => void child.send('end') };
    },
  });

  it('that dies fails the calls that it was asked', async () => {
    child.send('serve');
    const face = connectOverPort(portOfProcess(child), '1.2.3');
    await face.api.state();
    const waiting = face.api.waitUntilSafe({ timeoutMs: 1234 });
    child.kill('SIGKILL');
    await expect(waiting).rejects.toMatchObject({ code: 'agent.gone' });
    await face.closed;
  });
});

describeAgentConnection({
  name: 'local socket',
  connect: async () => {
    const { path, server } = await serveFake();
    return { face: await connectTo(path), end: () => server.close() };
  },
});
