/** A process that serves a fake agent on the socket of its argument, and says `ready` when it does. */
import { serveAgent } from '../../engine/hosts/rpc/serve-agent.ts';
import { createPorts } from '../../engine/index.ts';
import { createFakeAgent } from './fake-agent.ts';

const [, , path = ''] = process.argv;
const ports = { ...createPorts({ home: '/nowhere' }), version: '1.2.3', processId: process.pid };
await serveAgent(createFakeAgent(), path, ports);
process.send?.('ready');
