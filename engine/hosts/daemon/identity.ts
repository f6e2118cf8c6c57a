import type { Host } from '../cli/host.ts';
import type { Identity } from '../engine.ts';

/** Who backs up: this person on this computer. */
export function identityOf(host: Host): Identity {
  const { version, hostName, userName, userHome, platform, processId } = host;
  return { version, host: hostName, user: userName, userHome, platform, processId };
}
