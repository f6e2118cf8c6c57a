import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Host, Keychain } from '../cli/host.ts';

const service = 'Coffer';
// Named, because otherwise Linux would fall back silently to a keyring in the kernel, which a restart empties.
const options = { linux: { store: 'secret-service' } } as const;

type Session = Pick<Host, 'platform' | 'environment'>;

/** The system's keychain. Loaded only when it is asked, because it is optional and costs a native module. */
export async function loadKeychain(session: Session): Promise<Keychain | null> {
  if (!mayHaveKeychain(session)) return null;
  const { Entry } = await import('@napi-rs/keyring');
  const entryOf = (account: string): InstanceType<typeof Entry> => new Entry(service, account, options);
  return {
    read: (account) => entryOf(account).getPassword(),
    write: (account, secret) => entryOf(account).setPassword(secret),
    remove: (account) => entryOf(account).deletePassword(),
  };
}

/** The same off this thread: a keychain may ask the person first, and an agent must not wait for that. */
export type PatientKeychain = {
  read(account: string): Promise<string | null>;
  write(account: string, secret: string): Promise<void>;
  remove(account: string): Promise<boolean>;
};

export async function loadPatientKeychain(session: Session): Promise<PatientKeychain | null> {
  if (!mayHaveKeychain(session)) return null;
  const { AsyncEntry } = await import('@napi-rs/keyring');
  const entryOf = (account: string): InstanceType<typeof AsyncEntry> => new AsyncEntry(service, account, options);
  return {
    // Its types promise null, and it gives undefined.
    read: async (account) => (await entryOf(account).getPassword()) ?? null,
    write: (account, secret) => entryOf(account).setPassword(secret),
    remove: (account) => entryOf(account).deletePassword(),
  };
}

/** A Secret Service is reached over the session's bus; a server has neither, and that is no fault to speak of. */
function mayHaveKeychain({ platform, environment }: Session): boolean {
  const { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: folder } = environment;
  return platform !== 'linux' || Boolean(address) || (Boolean(folder) && existsSync(join(folder ?? '', 'bus')));
}
