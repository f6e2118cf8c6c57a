import type { VaultId } from '../base/index.ts';
import type { KeptKey, Vault } from '../repository/index.ts';
import type { AgentSecrets, FoundSecret } from './ports.ts';

/**
 * What opens the places. A secret is looked for once; after that the key it led to is kept, because deriving it again
 * for every run would cost more than the run. Nothing of it outlives the process.
 */
export type Keyring = {
  /** Null when nobody has given it yet: the place is locked. */
  find(vault: VaultId, url: string): Promise<FoundSecret | KeptKey | null>;
  opened(vault: Pick<Vault, 'id' | 'rootKey' | 'slotKey'>): void;
  /** It does not open any more: its slot was removed. False when no key was kept. */
  forget(vault: string): boolean;
};

export function createKeyring(secrets: AgentSecrets): Keyring {
  const kept = new Map<string, KeptKey>();
  return {
    find: async (vault, url) => kept.get(vault) ?? (await secrets.find(vault, url)),
    opened({ id, rootKey, slotKey }) {
      kept.set(id, { kind: 'kept', rootKey: Uint8Array.from(rootKey), slotKey });
    },
    forget: (vault) => kept.delete(vault),
  };
}
