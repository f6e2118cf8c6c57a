/** A process that serves a new fake agent over the channel to its parent when told `serve`, until told `end`. */
import { silentLog } from '../../engine/base/index.ts';
import { serveOverPort } from '../../engine/hosts/rpc/over-port.ts';
import { portOfProcess } from '../../engine/hosts/rpc/process-port.ts';
import { createFakeAgent } from './fake-agent.ts';

const ports = { log: silentLog, version: '1.2.3', processId: process.pid };
let end = (): void => {};
process.on('message', (told) => {
  if (told === 'serve') end = serveOverPort(createFakeAgent(), portOfProcess(process), ports);
  if (told === 'end') end();
});
