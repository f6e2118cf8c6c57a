import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CofferError } from '../../../engine/base/index.ts';
import type { Host, Keychain } from '../../../engine/hosts/cli/host.ts';
import { createOutput } from '../../../engine/hosts/cli/output.ts';
import { createAsker } from '../../../engine/hosts/cli/prompt.ts';
import { createSecrets, type Secrets } from '../../../engine/hosts/cli/secrets.ts';
import type { Engine } from '../../../engine/hosts/engine.ts';
import {
  coffer,
  type FakeHost,
  fakeEngine,
  makeHost,
  recordStream,
  temporaryFolder,
  typing,
  vault,
} from './support.ts';

type Given = { file?: string; phrase?: boolean };

function secretsOf(host: FakeHost, { file, phrase = false }: Given = {}): Secrets {
  const output = createOutput(host, { json: false, quiet: false, colour: false });
  const globals = { 'passphrase-file': file, 'recovery-phrase': phrase };
  return createSecrets({ host, output, globals, store: '/mnt/disk/vault' });
}

const terminal = (parts: Partial<Host> = {}): FakeHost =>
  makeHost({ environment: {}, err: recordStream({ isTerminal: true }), ...parts });

const keychainOf = (parts: Partial<Keychain>): (() => Promise<Keychain>) => {
  const keychain: Keychain = { read: () => null, write: () => {}, remove: () => false, ...parts };
  return async () => keychain;
};

describe('where a secret comes from', () => {
  const everything = {
    environment: { COFFER_PASSPHRASE: 'from environment', COFFER_PHRASE: 'twenty four words' },
    keychain: keychainOf({ read: () => 'from keychain' }),
    keyboard: typing('from person\r'),
  };

  test('the recovery phrase when it is asked for, then the file, the environment, the keychain, the person', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'passphrase');
    writeFileSync(file, 'from file\n');
    const find = async (parts: Partial<Host>, given: Given = {}) =>
      await secretsOf(terminal(parts), given).find(vault.id);

    expect((await find(everything, { file, phrase: true })).secret).toEqual({
      kind: 'phrase',
      phrase: 'twenty four words',
    });
    expect((await find(everything, { file })).secret).toEqual({ kind: 'passphrase', passphrase: 'from file' });
    expect((await find(everything)).secret).toEqual({ kind: 'passphrase', passphrase: 'from environment' });
    const withPhrase = { ...everything, environment: { COFFER_PHRASE: 'twenty four words' } };
    expect((await find(withPhrase)).secret).toEqual({ kind: 'phrase', phrase: 'twenty four words' });
    expect(await find({ ...everything, environment: {} })).toEqual({
      secret: { kind: 'passphrase', passphrase: 'from keychain' },
      source: 'keychain',
    });
    expect(await find({ keyboard: typing('from person\r'), keychain: keychainOf({}) })).toEqual({
      secret: { kind: 'passphrase', passphrase: 'from person' },
      source: 'person',
    });
  });

  test.each([
    ['plain\n', 'plain'],
    ['plain\r\n', 'plain'],
    ['two\n\n', 'two\n'],
    [' spaces \n', ' spaces '],
    ['none', 'none'],
  ])('of a file %j only one line end is cut', async (text, passphrase) => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'passphrase');
    writeFileSync(file, text);
    expect((await secretsOf(terminal(), { file }).find(vault.id)).secret).toEqual({ kind: 'passphrase', passphrase });
  });

  test('a file that is not there is named', async () => {
    await expect(secretsOf(terminal(), { file: '/nowhere/passphrase' }).find(vault.id)).rejects.toMatchObject({
      code: 'secret.fileUnreadable',
      context: { path: '/nowhere/passphrase', detail: 'it is not there' },
    });
  });

  test('where nobody can be asked, that is the error', async () => {
    await expect(secretsOf(makeHost({ environment: {} })).find(vault.id)).rejects.toMatchObject({
      code: 'secret.missing',
    });
  });

  test('what is missing is named: the secret of the vault, its new one, or the first of a new vault', async () => {
    const environment = { COFFER_PASSPHRASE: 'right', COFFER_NEW_PASSPHRASE: '' };
    const changed = await coffer(['keys', 'passphrase', '--store', '/v'], { environment });
    expect(changed.exit).toBe(5);
    expect(changed.err).toContain('COFFER_NEW_PASSPHRASE, or use --new-passphrase-file FILE');
    const made = await coffer(['init', '--store', '/v'], { environment: {} });
    expect(made.exit).toBe(5);
    expect(made.err).toContain('A passphrase for the new vault is needed');
    expect(made.err).toContain('No vault was made.');
  });

  test('a session without a keychain is not worth a word', async () => {
    const host = terminal({ keyboard: typing('one\r'), keychain: async () => null });
    expect((await secretsOf(host).find(vault.id)).source).toBe('person');
    expect(host.err.text()).toBe('Passphrase of /mnt/disk/vault: \n');
  });

  test('a keychain that fails is mentioned once, and the person asked', async () => {
    const host = terminal({ keyboard: typing('one\r', 'two\r') });
    const secrets = secretsOf(host);
    expect((await secrets.find(vault.id)).source).toBe('person');
    await secrets.find(vault.id);
    expect(host.err.text().match(/keychain cannot be read: no keychain here\./g)).toHaveLength(1);
  });
});

describe('a new passphrase', () => {
  test('is typed twice alike', async () => {
    const host = terminal({ keyboard: typing('one\r', 'other\r', 'good\r', 'good\r') });
    expect(await secretsOf(host).another(undefined)).toBe('good');
    expect(host.err.text()).toContain('The two differ. Try again.');
  });

  test('that is never twice alike or empty is refused', async () => {
    const different = terminal({ keyboard: typing('a\r', 'b\r', 'a\r', 'b\r', 'a\r', 'b\r') });
    await expect(secretsOf(different).another(undefined)).rejects.toMatchObject({ code: 'secret.differs' });
    await expect(secretsOf(terminal({ keyboard: typing('\r') })).ofNewVault()).rejects.toMatchObject({
      code: 'secret.weak',
    });
  });

  test('comes from a variable of its own where the old one opens the vault', async () => {
    const host = makeHost({ environment: { COFFER_PASSPHRASE: 'old', COFFER_NEW_PASSPHRASE: 'new' } });
    expect(await secretsOf(host).another(undefined)).toBe('new');
    expect(await secretsOf(host).ofNewVault()).toBe('old');
  });
});

describe('a question', () => {
  const ask = async (
    typed: string[],
    options: { countWords?: boolean } = {},
  ): Promise<{ answer: string; shown: string }> => {
    const screen = recordStream({ isTerminal: true });
    const asker = createAsker(typing(...typed), screen);
    const answer = await asker({ text: 'Passphrase: ', ...options }, new AbortController().signal);
    return { answer, shown: screen.text() };
  };

  test('shows nothing of the answer', async () => {
    expect(await ask(['secret word\r'])).toEqual({ answer: 'secret word', shown: 'Passphrase: \n' });
  });

  test('lets the answer be corrected', async () => {
    expect((await ask(['wrong\x15rigth\x7f\x7fht\r'])).answer).toBe('right');
    expect((await ask(['one two\x17three\r'])).answer).toBe('one three');
    expect((await ask(['Schlüssel🎁\x7f\r'])).answer).toBe('Schlüssel');
  });

  test('counts the words of a recovery phrase instead of showing them', async () => {
    const { shown } = await ask(['abandon ability able\r'], { countWords: true });
    expect(shown).not.toContain('abandon');
    const partly = recordStream({ isTerminal: true });
    const keyboard = {
      isTerminal: true,
      listen: (onText: (text: string) => void) => {
        queueMicrotask(() => {
          onText('abandon abil');
          onText('ity\r');
        });
        return () => {};
      },
    };
    await createAsker(keyboard, partly)({ text: '? ', countWords: true }, new AbortController().signal);
    expect(partly.text()).toContain('2 words');
  });

  test('keeps what was pasted beyond the line end for the next question', async () => {
    const asker = createAsker(typing('one\r\ntwo\r\n'), recordStream({ isTerminal: true }));
    const { signal } = new AbortController();
    expect(await asker({ text: '' }, signal)).toBe('one');
    expect(await asker({ text: '' }, signal)).toBe('two');
  });

  test('ends at Ctrl-C, and when the command is stopped', async () => {
    await expect(ask(['sec\x03'])).rejects.toMatchObject({ code: 'cancelled' });
    await expect(ask(['\x04'])).rejects.toMatchObject({ code: 'cancelled' });
    const controller = new AbortController();
    const answer = createAsker(typing(), recordStream({ isTerminal: true }))({ text: '' }, controller.signal);
    controller.abort(new Error('stopped'));
    await expect(answer).rejects.toThrow('stopped');
  });
});

describe('opening a vault', () => {
  const attempt = (parts: Partial<Host>, ...extra: string[]) =>
    coffer(['snapshots', '--store', '/v', ...extra], {
      environment: {},
      err: recordStream({ isTerminal: true }),
      ...parts,
    });

  test('a person may try three times', async () => {
    const good = await attempt({ keyboard: typing('wrong\r', 'right\r') });
    expect(good.exit).toBe(0);
    expect(good.err).toContain('That passphrase does not open this vault. Try again.');
    const bad = await attempt({ keyboard: typing('a\r', 'b\r', 'c\r', 'right\r') });
    expect(bad.exit).toBe(5);
  });

  test('a recovery phrase typed wrong is told why, and one of another vault that it is', async () => {
    let reason = 'word 3 is not in the list';
    const openVault: Engine['openVault'] = async (ports, opening) => {
      const secret = await opening.secret(vault.id);
      if (reason !== '' && secret.kind === 'phrase') {
        const thrown = new CofferError('phrase.invalid', { reason });
        reason = '';
        throw thrown;
      }
      return await fakeEngine().openVault(ports, { ...opening, secret: async () => secret });
    };
    const { exit, err } = await attempt(
      {
        keyboard: typing('one two\r', 'other words\r', 'right words\r'),
        engine: async () => fakeEngine({ openVault }),
      },
      '--recovery-phrase',
    );
    expect(exit).toBe(0);
    expect(err).toContain('not the 24 words of a recovery phrase: word 3 is not in the list. Try again.');
    expect(err).toContain('That recovery phrase does not belong to this vault. Try again.');
  });

  test('a script gets one answer', async () => {
    const { exit, err } = await coffer(['snapshots', '--store', '/v'], { environment: { COFFER_PASSPHRASE: 'wrong' } });
    expect(exit).toBe(5);
    expect(err).toContain('That passphrase does not open this vault.');
  });

  test('a phrase of another vault is called a phrase', async () => {
    const { exit, err } = await coffer(['snapshots', '--store', '/v', '--recovery-phrase'], {
      environment: { COFFER_PHRASE: 'other words' },
    });
    expect(exit).toBe(5);
    expect(err).toContain('recovery phrase does not belong to this vault');
  });

  test('a keychain with an old passphrase leads to a question', async () => {
    const { exit, err } = await attempt({ keychain: keychainOf({ read: () => 'old' }), keyboard: typing('right\r') });
    expect(exit).toBe(0);
    expect(err).toContain('The passphrase in the system keychain does not open this vault.');
  });

  test('a script hears that it is the keychain whose passphrase is wrong, or why it could not be read', async () => {
    const wrong = await coffer(['snapshots', '--store', '/v'], {
      environment: {},
      keychain: keychainOf({ read: () => 'old' }),
    });
    expect(wrong.exit).toBe(5);
    expect(wrong.err).toContain('The passphrase in the system keychain does not open this vault.');
    const unread = await coffer(['snapshots', '--store', '/v'], { environment: {} });
    expect(unread.exit).toBe(5);
    expect(unread.err).toContain('The system keychain cannot be read: no keychain here.');
    expect(unread.err).toContain('(secret.missing)');
  });

  test('nothing is asked where there is no vault', async () => {
    const engine = fakeEngine({
      openVault: async () => {
        const { CofferError } = await import('../../../engine/base/index.ts');
        throw new CofferError('vault.notFound', { store: '/v' });
      },
    });
    const { exit, err } = await attempt({ engine: async () => engine });
    expect(exit).toBe(6);
    expect(err).not.toContain('Passphrase of');
  });
});

describe('the keychain', () => {
  test('remembers a passphrase only when it is right, under the id of the vault', async () => {
    const kept: string[][] = [];
    const keychain = keychainOf({ write: (account, secret) => void kept.push([account, secret]) });
    const wrong = { keychain, environment: { COFFER_PASSPHRASE: 'wrong' } };
    expect((await coffer(['keys', 'remember', '--store', 'vault'], wrong)).exit).toBe(5);
    expect(kept).toEqual([]);
    expect((await coffer(['keys', 'remember', '--store', 'vault'], { keychain })).exit).toBe(0);
    expect(kept).toEqual([[vault.id, 'right']]);
  });

  test('is asked for the passphrase of that vault, and forgets that one, without a secret', async () => {
    const asked: string[] = [];
    const keychain = keychainOf({
      read: (account) => {
        asked.push(account);
        return 'right';
      },
      remove: (account) => {
        asked.push(account);
        return true;
      },
    });
    const parts = { keychain, environment: {} };
    expect((await coffer(['snapshots', '--store', '/v'], parts)).exit).toBe(0);
    expect((await coffer(['keys', 'forget', '--store', '/v'], parts)).exit).toBe(0);
    expect(asked).toEqual([vault.id, vault.id]);
  });

  test.each([
    [
      "Couldn't access platform storage: Secret Service: unlock prompt was dismissed",
      'it is locked, and was not unlocked',
    ],
    ['DBus error: The name org.freedesktop.secrets was not provided by any .service files', 'no Secret Service runs'],
    ['DBus error: Failed to connect to socket /run/bus: No such file or directory', 'the bus of this session cannot'],
    ['DBus error: Did not receive a reply. Possible causes include: …', 'it does not answer'],
    ['Something new.\nand more', 'Something new'],
    ['', 'it gave no reason'],
  ])('that fails with %j is explained', async (message, words) => {
    const keychain = async () => {
      throw new Error(message);
    };
    const { exit, err } = await coffer(['keys', 'remember', '--store', '/v'], { keychain });
    expect(exit).toBe(1);
    expect(err).toContain(`The system keychain cannot be used: ${words}`);
  });

  test('says in words when it fails, or when there is none', async () => {
    const failed = await coffer(['keys', 'remember', '--store', '/v']);
    expect(failed.exit).toBe(1);
    expect(failed.err).toContain('The system keychain cannot be used: no keychain here.');
    const none = await coffer(['keys', 'forget', '--store', '/v'], { keychain: async () => null });
    expect(none.err).toContain('The system keychain cannot be used: this session has none.');
  });

  describe('when the passphrase changes', () => {
    const change = (parts: Partial<Host>) =>
      coffer(['keys', 'passphrase', '--store', '/v'], {
        environment: { COFFER_PASSPHRASE: 'right', COFFER_NEW_PASSPHRASE: 'new' },
        ...parts,
      });

    test('keeps the new one in the place of the old one', async () => {
      const kept: string[][] = [];
      const write = (account: string, secret: string): void => void kept.push([account, secret]);
      const { out } = await change({ keychain: keychainOf({ read: () => 'right', write }) });
      expect(kept).toEqual([[vault.id, 'new']]);
      expect(out).toContain('keychain holds the new passphrase now');
    });

    test('is left alone where it holds nothing, does not answer, or is not there', async () => {
      const write = (): void => expect.fail('it was written');
      const locked = (): never => {
        throw new Error('it is locked');
      };
      for (const keychain of [
        keychainOf({ write }),
        keychainOf({ read: locked, write }),
        async () => null,
        async () => locked(),
      ]) {
        const { exit, out, err } = await change({ keychain });
        expect([exit, err]).toEqual([0, '']);
        expect(out).not.toContain('keychain');
      }
    });

    test('that it could not be renewed is told', async () => {
      const write = (): never => {
        throw new Error('no space');
      };
      const { exit, err } = await change({ keychain: keychainOf({ read: () => 'right', write }) });
      expect(exit).toBe(0);
      expect(err).toContain('still holds the old passphrase: no space. To renew it: coffer keys remember');
    });
  });

  test('a new passphrase by the recovery phrase is one more, and said to be', async () => {
    const environment = { COFFER_PHRASE: 'right words', COFFER_NEW_PASSPHRASE: 'new' };
    const { out } = await coffer(['keys', 'passphrase', '--store', '/v'], { environment });
    expect(out).toContain('Added.');
    expect(out).toContain('The old passphrases still open the vault');
    expect(
      (
        await coffer(['keys', 'passphrase', '--store', '/v'], {
          environment: { COFFER_PASSPHRASE: 'right', COFFER_NEW_PASSPHRASE: 'new' },
        })
      ).out,
    ).toContain('Changed.');
  });

  test('does not take a recovery phrase for a passphrase', async () => {
    const { exit, err } = await coffer(['keys', 'remember', '--store', '/v'], {
      environment: { COFFER_PHRASE: 'right words' },
      keychain: keychainOf({}),
    });
    expect(exit).toBe(2);
    expect(err).toContain('keeps passphrases');
  });
});
