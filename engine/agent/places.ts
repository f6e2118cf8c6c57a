import { CofferError, isCofferError, type VaultId } from '../base/index.ts';
import type { AddedPlace } from '../contract/index.ts';
import { createVault, openVault, readVaultId } from '../repository/index.ts';
import type { Keyring } from './keyring.ts';
import type { AgentPorts } from './ports.ts';

export type FoundPlace = Omit<AddedPlace, 'id'>;

/** Opens the vault at a place, or makes one where there is none, and so proves the passphrase. */
export async function findOrMakeVault(
  ports: AgentPorts,
  keyring: Keyring,
  { url, passphrase }: { readonly url: string; readonly passphrase: string },
): Promise<FoundPlace> {
  const phrase = await makeVaultIfMissing(ports, url, passphrase);
  const vault = await proveSecret(ports, keyring, { url, passphrase });
  return { url, vault: vault.id, phrase, secretKept: await ports.secrets.keep(vault.id, passphrase) };
}

/** Null when there is one. */
async function makeVaultIfMissing(ports: AgentPorts, url: string, passphrase: string): Promise<string | null> {
  try {
    await readVaultId(ports, url);
    return null;
  } catch (error) {
    if (!isCofferError(error, 'vault.notFound') && !isCofferError(error, 'store.missing')) throw error;
    return (await createVault(ports, { store: url, passphrase })).recoveryPhrase;
  }
}

/** Opens the vault once, so that its key is kept for the runs to come. */
export async function proveSecret(
  ports: AgentPorts,
  keyring: Keyring,
  { url, passphrase, vault: wanted }: { readonly url: string; readonly passphrase: string; readonly vault?: string },
): Promise<{ readonly id: VaultId }> {
  const vault = await openVault(ports, {
    store: url,
    mode: 'read',
    secret: async (found) => {
      if (wanted !== undefined && found !== wanted) throw new CofferError('vault.another', { store: url });
      return { kind: 'passphrase', passphrase };
    },
  });
  try {
    keyring.opened(vault);
    return { id: vault.id };
  } finally {
    await vault.close();
  }
}
