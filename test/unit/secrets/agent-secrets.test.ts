import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { silentLog, vaultId } from '../../../engine/base/index.ts';
import { createAgentSecrets } from '../../../engine/hosts/secrets/agent-secrets.ts';
import type { PatientKeychain } from '../../../engine/hosts/secrets/keychain.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { handClock } from '../hosts/support.ts';

const vault = vaultId('cd'.repeat(16));
const user = process.getuid?.() ?? null;

type Given = {
  readonly environment?: Record<string, string>;
  readonly keychain?: PatientKeychain | null;
};

function secretsOf(home: string, { environment = {}, keychain = null }: Given = {}) {
  // Patience never runs out; a test of that brings a keychain that waits.
  const clock = { ...handClock(), sleep: () => new Promise<void>(() => {}) };
  return createAgentSecrets({ environment, home, user, clock, log: silentLog, keychain: async () => keychain });
}

const memoryKeychain = (entries: Record<string, string> = {}): PatientKeychain => {
  const kept = new Map(Object.entries(entries));
  return {
    read: async (account) => kept.get(account) ?? null,
    write: async (account, secret) => void kept.set(account, secret),
    remove: async (account) => kept.delete(account),
  };
};

const refusing: PatientKeychain = {
  read: async () => Promise.reject(new Error('Object is locked')),
  write: async () => Promise.reject(new Error('Object is locked')),
  remove: async () => Promise.reject(new Error('Object is locked')),
};

function writeSecret(path: string, text: string, mode = 0o600): string {
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe('where the agent finds a passphrase', () => {
  test('the named file, the file in COFFER_HOME, systemd’s credential, the environment, the keychain, in this order', async () => {
    const home = temporaryFolder();
    const credentials = join(home, 'credentials');
    mkdirSync(credentials);
    writeSecret(join(credentials, 'coffer-passphrase'), 'from systemd\n', 0o440);
    writeSecret(join(home, 'passphrase'), 'from home\n');
    const COFFER_PASSPHRASE_FILE = writeSecret(join(home, 'named'), 'from named\r\n');
    const keychain = memoryKeychain({ [vault]: 'from keychain' });
    const environment = { CREDENTIALS_DIRECTORY: credentials, COFFER_PASSPHRASE: 'from environment' };
    const find = async (environment: Record<string, string>, at = home) => {
      const secret = await secretsOf(at, { environment, keychain }).find(vault, '/v');
      return secret?.kind === 'passphrase' ? secret.passphrase : null;
    };

    expect(await find({ ...environment, COFFER_PASSPHRASE_FILE })).toBe('from named');
    expect(await find(environment)).toBe('from home');
    expect(await find(environment, temporaryFolder())).toBe('from systemd');
    expect(await find({ COFFER_PASSPHRASE: 'from environment' }, temporaryFolder())).toBe('from environment');
    expect(await find({ CREDENTIALS_DIRECTORY: temporaryFolder() }, temporaryFolder())).toBe('from keychain');
    expect(await secretsOf(temporaryFolder()).find(vault, '/v')).toBeNull();
  });

  test.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o620])(
    'a file of mode %o is refused in words',
    async (mode) => {
      const home = temporaryFolder();
      writeSecret(join(home, 'passphrase'), 'secret', mode);
      await expect(secretsOf(home).find(vault, '/v')).rejects.toMatchObject({ code: 'secret.fileShared' });
      await expect(secretsOf(home).keep(vault, 'secret')).resolves.toBe(false);
    },
  );

  test.runIf(user === 0)('a file of another user is refused', async () => {
    const home = temporaryFolder();
    chownSync(writeSecret(join(home, 'passphrase'), 'secret'), 1, 1);
    await expect(secretsOf(home).find(vault, '/v')).rejects.toMatchObject({ code: 'secret.fileNotOwn' });
  });

  test('a file that is named and not there is an error, and nothing else is tried', async () => {
    const environment = { COFFER_PASSPHRASE_FILE: '/nowhere/at/all', COFFER_PASSPHRASE: 'other' };
    const found = secretsOf(temporaryFolder(), { environment }).find(vault, '/v');
    await expect(found).rejects.toMatchObject({ code: 'secret.fileUnreadable' });
  });

  test('a keychain that refuses, or that waits for a person, leaves the place locked', async () => {
    expect(await secretsOf(temporaryFolder(), { keychain: refusing }).find(vault, '/v')).toBeNull();
    const waiting: PatientKeychain = { ...refusing, read: () => new Promise(() => {}) };
    const impatient = createAgentSecrets({
      ...{ environment: {}, home: temporaryFolder(), user, log: silentLog },
      clock: handClock(),
      keychain: async () => waiting,
    });
    expect(await impatient.find(vault, '/v')).toBeNull();
  });
});

describe('keeping a passphrase', () => {
  test('in the keychain where there is one, until it is forgotten', async () => {
    const secrets = secretsOf(temporaryFolder(), { keychain: memoryKeychain() });
    expect(await secrets.keep(vault, 'mine')).toBe(true);
    expect(await secrets.find(vault, '/v')).toEqual({ kind: 'passphrase', passphrase: 'mine' });
    await secrets.forget(vault);
    expect(await secrets.find(vault, '/v')).toBeNull();
  });

  test('fails where there is none, where it refuses, or where it forgets', async () => {
    const forgetful: PatientKeychain = { ...memoryKeychain(), write: async () => {} };
    for (const keychain of [null, refusing, forgetful]) {
      expect(await secretsOf(temporaryFolder(), { keychain }).keep(vault, 'mine')).toBe(false);
    }
  });

  test('is done already where a file has it, and is not where a file has another', async () => {
    const home = temporaryFolder();
    writeSecret(join(home, 'passphrase'), 'mine\n');
    expect(await secretsOf(home).keep(vault, 'mine')).toBe(true);
    expect(await secretsOf(home, { keychain: memoryKeychain() }).keep(vault, 'other')).toBe(false);
  });
});
