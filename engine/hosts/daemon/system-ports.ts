import process from 'node:process';
import type { Log } from '../../base/index.ts';
import type { BareSession } from '../cli/session.ts';
import type { HostAgentPorts } from '../engine.ts';
import { createAgentSecrets } from '../secrets/agent-secrets.ts';
import { loadPatientKeychain } from '../secrets/keychain.ts';
import { createNetwork } from '../system/network.ts';
import { createNetworkDrives } from '../system/network-drives.ts';
import { createPower } from '../system/power.ts';
import { withPassphraseFile } from './environment.ts';

export type SystemPorts = {
  readonly ports: Pick<HostAgentPorts, 'secrets' | 'power' | 'network' | 'needsNetwork'>;
  stop(): void;
};

/** What the agent needs of this computer beside what the engine needs. */
export function systemPorts(
  session: Pick<BareSession, 'host' | 'home' | 'fullPath'>,
  log: Log,
  passphraseFile: string | undefined,
): SystemPorts {
  const { host, home } = session;
  const { platform, clock } = host;
  const power = createPower({ platform, clock, log });
  const network = createNetwork({ platform, clock, log });
  const secrets = createAgentSecrets({
    environment: withPassphraseFile(session, passphraseFile),
    home,
    user: process.getuid?.() ?? null,
    clock,
    log,
    keychain: () => loadPatientKeychain(host),
  });
  return {
    ports: { secrets, power, network, needsNetwork: createNetworkDrives({ platform }) },
    stop: () => {
      power.stop();
      network.stop();
    },
  };
}
