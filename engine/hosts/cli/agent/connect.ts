import { CofferError, isCofferError } from '../../../base/index.ts';
import { lockHome } from '../../daemon/holder.ts';
import { identityOf } from '../../daemon/identity.ts';
import { makeHome, type Places, placesOf } from '../../daemon/places.ts';
import { systemPorts } from '../../daemon/system-ports.ts';
import type { Host } from '../host.ts';
import type { AttachAsked, Attached } from './attach.ts';

/** An agent that starts, or a command of somebody else, holds COFFER_HOME for a moment before it answers or is done. */
const patienceMs = 5_000;
const lookEveryMs = 100;

/** Where the command line meets the agent: the one place that knows how a running one is found and how one is made. */
export async function connectAgent(host: Host, asked: AttachAsked): Promise<Attached> {
  const places = await placesOf({ host, home: asked.home });
  const { connectAgent: connect } = await host.rpc();
  for (const giveUpMs = host.clock.monotonic() + patienceMs; ; ) {
    const running = await connect(places.socket, host);
    if (running !== null) return { ...running, isAlone: false };
    if (!asked.alone) throw new CofferError('agent.notRunning');
    try {
      return await makeAgent(host, asked, places);
    } catch (error) {
      if (!isCofferError(error, 'agent.held') || host.clock.monotonic() > giveUpMs) throw error;
    }
    await host.clock.sleep(lookEveryMs, host.signal);
  }
}

/** One that lives as long as this command, and holds COFFER_HOME for so long. */
async function makeAgent(host: Host, asked: AttachAsked, places: Places): Promise<Attached> {
  const { home, engine, log, passphraseFile } = asked;
  makeHome(home);
  const ports = engine.createPorts({ home, log });
  const lock = lockHome(ports, places, { processId: host.processId, sinceMs: host.clock.now() });
  const system = systemPorts({ host, ...asked }, log, passphraseFile);
  const letGo = (): void => {
    system.stop();
    lock.release();
  };
  try {
    const createAgent = await host.createAgent();
    const agent = createAgent({ ...ports, ...system.ports }, identityOf(host));
    return { ...agent, isAlone: true, close: () => agent.close().finally(letGo) };
  } catch (error) {
    letGo();
    throw error;
  }
}
