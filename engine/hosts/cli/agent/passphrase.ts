import { isCofferError, type VaultId } from '../../../base/index.ts';
import type { FoundSecret } from '../secrets.ts';
import { afterWrongSecret, type Session } from '../session.ts';
import { usageError } from '../usage.ts';

/**
 * Does something that needs the passphrase of a place: that of the vault there, which may be typed again when it is wrong,
 * or where there is none that of a new one, typed twice.
 */
export async function withPassphrase<Result>(
  session: Session,
  store: string,
  work: (passphrase: string) => Promise<Result>,
): Promise<Result> {
  const secrets = session.secretsOf(store);
  const vault = await vaultAt(session, store);
  if (vault === null) return await work(await secrets.ofNewVault());
  for (let attempt = 1; ; attempt++) {
    let used: FoundSecret | undefined;
    try {
      used = await secrets.find(vault);
      return await work(passphraseOf(used));
    } catch (error) {
      afterWrongSecret(error, used, attempt, secrets, session.output);
    }
  }
}

async function vaultAt({ engine, ports }: Session, store: string): Promise<VaultId | null> {
  try {
    return await engine.readVaultId(ports, store);
  } catch (error) {
    if (isCofferError(error, 'vault.notFound') || isCofferError(error, 'store.missing')) return null;
    throw error;
  }
}

/** The agent keeps a passphrase, because the phrase is for the day when everything else is lost. */
function passphraseOf({ secret }: FoundSecret): string {
  if (secret.kind === 'passphrase') return secret.passphrase;
  throw usageError(
    'The agent opens a vault with its passphrase, not with the recovery phrase. To make a new one: coffer keys passphrase',
  );
}
