import { CofferError, isCofferError, type VaultId } from '../base/index.ts';
import type { AddedPlace, GivenSecret } from '../contract/index.ts';
import { createVault, openVault, readVaultId, type Secret } from '../repository/index.ts';
import type { Keyring } from './keyring.ts';
import type { AgentPorts } from './ports.ts';

export type FoundPlace = Omit<AddedPlace, 'id'>;

export const secretFrom = (given: GivenSecret): Secret =>
  'phrase' in given ? { kind: 'phrase', phrase: given.phrase } : { kind: 'passphrase', passphrase: given.passphrase };

/** Opens the vault at a place, or makes one where there is none, and so proves the secret. */
export async function findOrMakeVault(
  ports: AgentPorts,
  keyring: Keyring,
  { url, secret }: { readonly url: string; readonly secret: Secret },
): Promise<FoundPlace> {
  const phrase = await makeVaultIfMissing(ports, url, secret);
  const vault = await proveSecret(ports, keyring, { url, secret });
  // A phrase is for paper: whoever finds it opens the vault, also when the passphrase was changed long ago.
  const secretKept = secret.kind === 'passphrase' && (await ports.secrets.keep(vault.id, secret.passphrase));
  return { url, vault: vault.id, phrase, secretKept };
}

/** Null when there is one. */
async function makeVaultIfMissing(ports: AgentPorts, url: string, secret: Secret): Promise<string | null> {
  try {
    await readVaultId(ports, url);
    return null;
  } catch (error) {
    if (!isCofferError(error, 'vault.notFound') && !isCofferError(error, 'store.missing')) throw error;
    if (secret.kind === 'phrase') throw error;
    return (await createVault(ports, { store: url, passphrase: secret.passphrase })).recoveryPhrase;
  }
}

/** Opens the vault once, so that its key is kept for the runs to come. */
export async function proveSecret(
  ports: AgentPorts,
  keyring: Keyring,
  { url, secret, vault: wanted }: { readonly url: string; readonly secret: Secret; readonly vault?: string },
): Promise<{ readonly id: VaultId }> {
  const vault = await openVault(ports, {
    store: url,
    mode: 'read',
    secret: async (found) => {
      if (wanted !== undefined && found !== wanted) throw new CofferError('vault.another', { store: url });
      return secret;
    },
  });
  try {
    keyring.opened(vault);
    return { id: vault.id };
  } finally {
    await vault.close();
  }
}
