import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Host, Keychain } from './host.ts';

const service = 'Coffer';

/** The system's keychain. Loaded only when it is asked, because it is optional and costs a native module. */
export async function loadKeychain({
  platform,
  environment,
}: Pick<Host, 'platform' | 'environment'>): Promise<Keychain | null> {
  if (platform === 'linux' && !hasSessionBus(environment)) return null;
  const { Entry } = await import('@napi-rs/keyring');
  // Named, because otherwise Linux would fall back silently to a keyring in the kernel, which a restart empties.
  const entryOf = (account: string): InstanceType<typeof Entry> =>
    new Entry(service, account, { linux: { store: 'secret-service' } });
  return {
    read: (account) => entryOf(account).getPassword(),
    write: (account, secret) => entryOf(account).setPassword(secret),
    remove: (account) => entryOf(account).deletePassword(),
  };
}

/** A Secret Service is reached over the session's bus; a server has neither, and that is no fault to speak of. */
function hasSessionBus({ DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: folder }: Host['environment']): boolean {
  return Boolean(address) || (Boolean(folder) && existsSync(join(folder ?? '', 'bus')));
}
