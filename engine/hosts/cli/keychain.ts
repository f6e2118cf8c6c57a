import type { Keychain } from './host.ts';

const service = 'Coffer';

/** The system's keychain. Loaded only when it is asked, because it is optional and costs a native module. */
export async function loadKeychain(): Promise<Keychain> {
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
