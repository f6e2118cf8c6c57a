import { join, resolve } from 'node:path';
import type { Clock, Log, VaultId } from '../../base/index.ts';
import type { AgentSecrets } from '../engine.ts';
import { inTime } from '../in-time.ts';
import type { PatientKeychain } from './keychain.ts';
import { keychainReason } from './keychain-reason.ts';
import { missing, readPassphraseIfThere, readPrivatePassphrase } from './passphrase-file.ts';

/**
 * Secrets for an agent with nobody near. The first of these that is there is used:
 *
 *     a passphrase file   COFFER_PASSPHRASE_FILE, else `passphrase` in COFFER_HOME; refused where others may read it
 *     systemd's           $CREDENTIALS_DIRECTORY/coffer-passphrase
 *     the environment     COFFER_PASSPHRASE
 *     the keychain        by the id of the vault
 */
export type SecretWorld = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** COFFER_HOME. */
  readonly home: string;
  /** This user's number; null where files have none. */
  readonly user: number | null;
  readonly clock: Clock;
  readonly log: Log;
  keychain(): Promise<PatientKeychain | null>;
};

/** A keychain that asks the person to unlock it answers only then: until then the place counts as locked. */
const keychainPatienceMs = 20_000;

export function createAgentSecrets(world: SecretWorld): AgentSecrets {
  const { environment, log } = world;
  /** What a restart finds as well. */
  const fromFiles = (): Found | null => filePassphrase(world) ?? credential(world);
  const ask = async <Answer>(
    what: string,
    work: (keychain: PatientKeychain) => Promise<Answer>,
  ): Promise<Answer | null> => {
    try {
      return await inTime(world.clock, keychainPatienceMs, askKeychain(world, work));
    } catch (error) {
      log.warn(`the keychain could not ${what}`, { reason: keychainReason(error) });
      return null;
    }
  };
  return {
    find: async (vault) => {
      const file = fromFiles();
      if (file !== null && file.passphrase !== '') return { kind: 'passphrase', ...file };
      const given = environment.COFFER_PASSPHRASE || (await ask('be read', (keychain) => keychain.read(vault)));
      return given === null ? null : { kind: 'passphrase', passphrase: given };
    },
    keep: async (vault: VaultId, passphrase) => {
      const given = orNull(fromFiles);
      // A file comes first when it is looked for again, so only its own passphrase counts as kept.
      if (given !== null) return given.passphrase === passphrase;
      const kept = await ask('be written', async (keychain) => {
        await keychain.write(vault, passphrase);
        return await keychain.read(vault);
      });
      return kept === passphrase;
    },
    forget: async (vault) => {
      await ask('be cleared', (keychain) => keychain.remove(vault));
    },
  };
}

type Found = { readonly passphrase: string; readonly path: string };

function filePassphrase({ environment, home, user }: SecretWorld): Found | null {
  const named = environment.COFFER_PASSPHRASE_FILE;
  const path = named ? resolve(named) : join(home, 'passphrase');
  const passphrase = readPrivatePassphrase(path, user);
  // One that was named and is not there is a mistake; to go on would hide it.
  if (passphrase === null) return named ? missing(path) : null;
  return { passphrase, path };
}

/** systemd has made the folder for this service alone, and owns what is in it. */
function credential({ environment }: SecretWorld): Found | null {
  const folder = environment.CREDENTIALS_DIRECTORY;
  if (!folder) return null;
  const path = join(folder, 'coffer-passphrase');
  const passphrase = readPassphraseIfThere(path);
  return passphrase === null ? null : { passphrase, path };
}

async function askKeychain<Answer>(
  world: SecretWorld,
  work: (keychain: PatientKeychain) => Promise<Answer>,
): Promise<Answer | null> {
  const keychain = await world.keychain();
  return keychain === null ? null : await work(keychain);
}

function orNull<Answer>(read: () => Answer): Answer | null {
  try {
    return read();
  } catch {
    return null;
  }
}
