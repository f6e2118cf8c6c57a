import { CofferError, type VaultId } from '../../../base/index.ts';
import { keychainReason } from '../../secrets/keychain-reason.ts';
import type { Run } from '../commands.ts';
import type { Keychain } from '../host.ts';
import type { FoundSecret } from '../secrets.ts';
import type { Session } from '../session.ts';

export const remember: Run<'keys remember'> = async (session) => {
  const { output, store } = session;
  let used: FoundSecret | undefined;
  // Opened first, so that a wrong passphrase is never remembered.
  const vault = await session.open('read', {
    onSecret: (found) => {
      used = found;
    },
  });
  await vault.close();
  const secret = used?.secret;
  if (secret?.kind !== 'passphrase') throw new CofferError('keychain.passphraseOnly');
  await withKeychain(session, (keychain) => keychain.write(vault.id, secret.passphrase));
  output.object({ store, remembered: true });
  output.say(
    `${output.style.safe('Remembered.')} On this computer the passphrase of ${output.path(store)} is not asked for any more.`,
  );
  return 'done';
};

export const forget: Run<'keys forget'> = async (session) => {
  const { engine, ports, output, store } = session;
  const vault = await engine.readVaultId(ports, store);
  const forgotten = await withKeychain(session, (keychain) => keychain.remove(vault));
  output.object({ store, forgotten });
  output.say(
    forgotten
      ? 'Forgotten. The passphrase is asked for again.'
      : 'The system keychain holds no passphrase of this vault.',
  );
  return 'done';
};

/** What the keychain holds is kept right when the passphrase changes; where it holds nothing, or does not answer, it is left alone. */
export async function renewRemembered(session: Session, vault: VaultId, passphrase: string): Promise<void> {
  const { host, output } = session;
  const keychain = await host.keychain().catch(() => null);
  if (keychain === null || !holds(keychain, vault)) return;
  try {
    keychain.write(vault, passphrase);
    output.say('  The system keychain holds the new passphrase now.');
  } catch (error) {
    output.note(
      `The system keychain still holds the old passphrase: ${keychainReason(error)}. To renew it: coffer keys remember`,
    );
  }
}

function holds(keychain: Keychain, vault: VaultId): boolean {
  try {
    return keychain.read(vault) !== null;
  } catch {
    return false;
  }
}

async function withKeychain<Result>({ host }: Session, work: (keychain: Keychain) => Result): Promise<Result> {
  try {
    const keychain = await host.keychain();
    if (keychain === null) throw new Error('this session has none');
    return work(keychain);
  } catch (error) {
    throw new CofferError('keychain.unavailable', { detail: keychainReason(error) }, error);
  }
}
