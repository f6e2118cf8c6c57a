import { CofferError, type ErrorCode, type VaultId } from '../../base/index.ts';
import type { Secret } from '../engine.ts';
import { keychainReason } from '../secrets/keychain-reason.ts';
import { readPassphraseFile } from '../secrets/passphrase-file.ts';
import type { Host } from './host.ts';
import type { Output } from './output.ts';
import { type Asker, createAsker, type Question } from './prompt.ts';
import type { GlobalValues } from './table/index.ts';

export type SecretSource = 'file' | 'environment' | 'keychain' | 'person';
export type FoundSecret = { readonly secret: Secret; readonly source: SecretSource };

/** Where the secrets of one command come from; the order is that of docs/COMMANDS.md. */
export type Secrets = {
  /** The keychain is asked by the vault's id, so that a moved vault is found and another at its path is not given it. */
  find(vault: VaultId): Promise<FoundSecret>;
  /** The passphrase of a new vault: not from the keychain, and from a person only when typed twice alike. */
  ofNewVault(): Promise<string>;
  /** A passphrase beside the one that opens the vault. */
  another(file: string | undefined): Promise<string>;
  readonly canAsk: boolean;
  /** Whether the person says yes; only where somebody can be asked. */
  agrees(question: string): Promise<boolean>;
};

export type SecretPorts = {
  readonly host: Pick<Host, 'environment' | 'keyboard' | 'err' | 'signal' | 'keychain'>;
  readonly output: Output;
  readonly globals: Pick<GlobalValues, 'passphrase-file' | 'recovery-phrase'>;
  /** The place in full, as the question names it. */
  readonly store: string;
};

/** As often as a wrong passphrase may be typed again. */
const tries = 3;

export function createSecrets({ host, output, globals, store }: SecretPorts): Secrets {
  const { environment } = host;
  const canAsk = host.keyboard.isTerminal && host.err.isTerminal;
  const asker = createAsker(host.keyboard, host.err);
  const ask = async (question: Question, whenNobody: ErrorCode = 'secret.missing'): Promise<string> => {
    if (!canAsk) throw new CofferError(whenNobody);
    return await askOnTerminal(asker, question, host.signal, output);
  };
  let usesKeychain = true;

  const fromKeychain = async (vault: VaultId): Promise<string | null> => {
    if (!usesKeychain) return null;
    // Once a command: what it does not hold, or holds wrongly, does not come right between two questions.
    usesKeychain = false;
    try {
      return (await host.keychain())?.read(vault) ?? null;
    } catch (error) {
      output.note(`The system keychain cannot be read: ${keychainReason(error)}.`);
      return null;
    }
  };
  const findPhrase = async (): Promise<FoundSecret> => {
    const given = environment.COFFER_PHRASE;
    if (given) return { secret: { kind: 'phrase', phrase: given }, source: 'environment' };
    const phrase = await ask({ text: `Recovery phrase of ${store} (24 words): `, countWords: true });
    return { secret: { kind: 'phrase', phrase }, source: 'person' };
  };
  const passphrase = (text: string, source: SecretSource): FoundSecret => ({
    secret: { kind: 'passphrase', passphrase: text },
    source,
  });
  const askTwice = async (text: string, whenNobody: ErrorCode): Promise<string> => {
    for (let attempt = 1; attempt <= tries; attempt++) {
      const first = await ask({ text }, whenNobody);
      if (first === '') throw new CofferError('secret.weak');
      if ((await ask({ text: 'The same once more: ' })) === first) return first;
      if (attempt < tries) output.note('The two differ. Try again.');
    }
    throw new CofferError('secret.differs');
  };
  const given = async (file: string | undefined, variable: string | undefined): Promise<string | null> => {
    if (file !== undefined) return readPassphraseFile(file);
    return variable ? variable : null;
  };

  return {
    canAsk,
    agrees: async (question) => {
      const answer = await askOnTerminal(asker, { text: `${question} [y/N] `, isShown: true }, host.signal, output);
      return /^\s*y(es)?\s*$/i.test(answer);
    },
    find: async (vault) => {
      if (globals['recovery-phrase']) return await findPhrase();
      const file = globals['passphrase-file'];
      if (file !== undefined) return passphrase(readPassphraseFile(file), 'file');
      if (environment.COFFER_PASSPHRASE) return passphrase(environment.COFFER_PASSPHRASE, 'environment');
      if (environment.COFFER_PHRASE) return await findPhrase();
      const remembered = await fromKeychain(vault);
      if (remembered !== null) return passphrase(remembered, 'keychain');
      return passphrase(await ask({ text: `Passphrase of ${store}: ` }), 'person');
    },
    ofNewVault: async () =>
      (await given(globals['passphrase-file'], environment.COFFER_PASSPHRASE)) ??
      (await askTwice(`Passphrase of the new vault at ${store}: `, 'secret.missingFirst')),
    another: async (file) =>
      (await given(file, environment.COFFER_NEW_PASSPHRASE)) ??
      (await askTwice('New passphrase: ', 'secret.missingNew')),
  };
}

async function askOnTerminal(asker: Asker, question: Question, signal: AbortSignal, output: Output): Promise<string> {
  output.live.hold();
  try {
    return await asker(question, signal);
  } finally {
    output.live.release();
  }
}
