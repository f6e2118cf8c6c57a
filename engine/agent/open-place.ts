import { CofferError, isCofferError } from '../base/index.ts';
import type { Place } from '../contract/index.ts';
import { type Opening, openVault, type Vault } from '../repository/index.ts';
import type { Keyring } from './keyring.ts';
import type { AgentPorts } from './ports.ts';

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
    const vault = await openVault(ports, { ...how, store: place.url, secret: secretOf(place, keyring) });
    keyring.opened(vault);
    return vault;
  };
  try {
    return await open();
  } catch (error) {
    if (!isCofferError(error, 'secret.wrong') || !keyring.forget(place.vault)) throw error;
    return await open();
  }
}

/** The secret of the vault that should be there; of no other, whatever lies at that path now. */
function secretOf(place: Pick<Place, 'url' | 'vault'>, keyring: Keyring): Opening['secret'] {
  return async (vault) => {
    if (vault !== place.vault) throw new CofferError('vault.another', { store: place.url });
    const secret = await keyring.find(vault, place.url);
    if (secret === null) throw new CofferError('secret.missing');
    return secret;
  };
}
