import { isCofferError, type VaultId } from '../../../base/index.ts';
import type { GivenSecret } from '../../../contract/index.ts';
import type { FoundSecret } from '../secrets.ts';
import { afterWrongSecret, type Session } from '../session.ts';

type Work<Result> = (secret: GivenSecret) => Promise<Result>;

/** Does something that needs the secret of the vault at a place, which may be typed again when it is wrong. */
export async function withSecret<Result>(session: Session, store: string, work: Work<Result>): Promise<Result> {
  return await withSecretOf(session, store, await session.engine.readVaultId(session.ports, store), work);
}

/** The same for a place where a vault is made if there is none, with a passphrase that is typed twice. */
export async function withSecretOrNew<Result>(session: Session, store: string, work: Work<Result>): Promise<Result> {
  const vault = await vaultAt(session, store);
  if (vault !== null) return await withSecretOf(session, store, vault, work);
  return await work({ passphrase: await session.secretsOf(store).ofNewVault() });
}

async function withSecretOf<Result>(
  session: Session,
  store: string,
  vault: VaultId,
  work: Work<Result>,
): Promise<Result> {
  const secrets = session.secretsOf(store);
  for (let attempt = 1; ; attempt++) {
    let used: FoundSecret | undefined;
    try {
      used = await secrets.find(vault);
      return await work(given(used));
    } catch (error) {
      afterWrongSecret(error, used, attempt, secrets, session.output);
    }
  }
}

/** Null where a vault may be made. */
async function vaultAt({ engine, ports, opensByPhrase }: Session, store: string): Promise<VaultId | null> {
  try {
    return await engine.readVaultId(ports, store);
  } catch (error) {
    // Words on paper are those of a vault that is there already.
    if (opensByPhrase) throw error;
    if (isCofferError(error, 'vault.notFound') || isCofferError(error, 'store.missing')) return null;
    throw error;
  }
}

function given({ secret }: FoundSecret): GivenSecret {
  return secret.kind === 'phrase' ? { phrase: secret.phrase } : { passphrase: secret.passphrase };
}
