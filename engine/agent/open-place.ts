import { CofferError, isCofferError, type VaultId } from '../base/index.ts';
import type { Place } from '../contract/index.ts';
import { type KeptKey, type Opening, openVault, type Vault } from '../repository/index.ts';
import type { Keyring } from './keyring.ts';
import type { AgentPorts, FoundSecret } from './ports.ts';

export type PlaceOpening = Pick<Opening, 'mode' | 'holder' | 'signal'> & {
  readonly place: Pick<Place, 'url' | 'vault'>;
  readonly keyring: Keyring;
};

/**
 * Opens the vault of a place with the key it was opened with before; with the secret itself the first time, and once more
 * when that key was removed from the vault.
 */
export async function openPlace(ports: AgentPorts, { place, keyring, ...how }: PlaceOpening): Promise<Vault> {
  const open = async (): Promise<Vault> => {
    let path: string | undefined;
    const secret: Opening['secret'] = async (id) => {
      const found = await secretOf(place, keyring, id);
      path = 'path' in found ? found.path : undefined;
      return found;
    };
    try {
      const vault = await openVault(ports, { ...how, store: place.url, secret });
      keyring.opened(vault);
      return vault;
    } catch (error) {
      if (path === undefined || !isCofferError(error, 'secret.wrong')) throw error;
      throw new CofferError('secret.wrong', { ...error.context, path }, error);
    }
  };
  try {
    return await open();
  } catch (error) {
    if (!isCofferError(error, 'secret.wrong') || !keyring.forget(place.vault)) throw error;
    return await open();
  }
}

/** The secret of the vault that should be there; of no other, whatever lies at that path now. */
async function secretOf(
  place: Pick<Place, 'url' | 'vault'>,
  keyring: Keyring,
  vault: VaultId,
): Promise<FoundSecret | KeptKey> {
  if (vault !== place.vault) throw new CofferError('vault.another', { store: place.url });
  const secret = await keyring.find(vault, place.url);
  if (secret === null) throw new CofferError('secret.missing');
  return secret;
}
