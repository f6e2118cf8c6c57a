import { renameSync } from 'node:fs';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Computer, makeComputer, passphrase, type Ran } from '../support/coffer.ts';
import { type Keyring, sessionBusMissing, startSessionBus } from '../support/session-bus.ts';
import { writeTree } from '../support/trees.ts';

/** The real keychain of Linux: `bin/coffer`, a session bus and GNOME Keyring, all with folders of their own. */

let computer: Computer;

beforeEach(async (context) => {
  const missing = sessionBusMissing();
  if (missing !== null) context.skip(missing);
  const made = await makeComputer('coffer-keychain');
  onTestFinished(() => made.remove());
  writeTree(made.at('source'), { 'diary.txt': 'day 1\n' });
  computer = made;
});

type Coffer = (args: readonly string[], given?: { on?: Computer; passphrase?: string }) => Promise<Ran>;

/** Runs Coffer in a session whose keyring is so. No secret is given but what a test gives. */
async function inSession(keyring: Keyring, work: (coffer: Coffer) => Promise<void>): Promise<void> {
  await using session = await startSessionBus(computer.at('session'), keyring);
  await work((args, { on = computer, passphrase } = {}) =>
    on.coffer(args, {
      environment: { ...session.environment, COFFER_PHRASE: undefined, COFFER_PASSPHRASE: passphrase },
    }),
  );
}

const remember = async (coffer: Coffer): Promise<void> => {
  expect(await coffer(['keys', 'remember'], { passphrase })).toMatchObject({ exit: 0, err: '' });
};

const missingSecret = { exit: 5, out: '', err: expect.stringContaining('(secret.missing)') };

describe('a passphrase in the keychain', () => {
  test('opens the vault until it is forgotten', async () => {
    const backup = ['backup', computer.at('source')];
    await inSession('unlocked', async (coffer) => {
      expect(await coffer(backup)).toMatchObject(missingSecret);
      await remember(coffer);
      expect(await coffer(backup)).toMatchObject({ exit: 0, err: '' });
    });
    await inSession('unlocked', async (coffer) => {
      expect(await coffer(backup)).toMatchObject({ exit: 0, err: '' });
      expect(await coffer(['keys', 'forget'])).toMatchObject({ exit: 0, out: expect.stringContaining('Forgotten') });
      expect(await coffer(backup)).toMatchObject(missingSecret);
      expect(await coffer(['keys', 'forget'])).toMatchObject({ exit: 0, out: expect.stringContaining('holds no') });
    });
  });

  test('is still found when the vault has moved, and not given to another vault at its path', async () => {
    await inSession('unlocked', async (coffer) => {
      await remember(coffer);
      const moved = computer.another('coffer-home', computer.at('moved'));
      renameSync(computer.store, moved.store);
      expect(await coffer(['snapshots'], { on: moved })).toMatchObject({ exit: 0, err: '' });

      expect(await coffer(['init'], { passphrase: 'another' })).toMatchObject({ exit: 0 });
      expect(await coffer(['snapshots'])).toMatchObject(missingSecret);
      expect(await coffer(['keys', 'forget'])).toMatchObject({ exit: 0, out: expect.stringContaining('holds no') });
      expect(await coffer(['snapshots'], { on: moved })).toMatchObject({ exit: 0, err: '' });
    });
  });

  test('that was changed since is named as what is wrong', async () => {
    await inSession('unlocked', async (coffer) => {
      await remember(coffer);
      const changed = await computer.coffer(['keys', 'passphrase'], {
        environment: { COFFER_PHRASE: undefined, COFFER_PASSPHRASE: passphrase, COFFER_NEW_PASSPHRASE: 'new' },
      });
      expect(changed).toMatchObject({ exit: 0 });
      const ran = await coffer(['snapshots']);
      expect(ran).toMatchObject({ exit: 5, out: '' });
      expect(ran.err).toContain('The passphrase in the system keychain does not open this vault.');
    });
  });
});

describe('a keychain that cannot be used', () => {
  const session = { locked: 'it is locked, and was not unlocked', none: 'no Secret Service runs in this session' };

  test.each(Object.entries(session) as [keyof typeof session, string][])(
    '(%s) is told in a sentence, and hinders nobody who gives the passphrase',
    async (keyring, reason) => {
      await inSession('unlocked', remember);
      await inSession(keyring, async (coffer) => {
        const without = await coffer(['snapshots']);
        expect(without).toMatchObject(missingSecret);
        expect(without.err).toContain(`The system keychain cannot be read: ${reason}.`);
        for (const args of [
          ['keys', 'remember'],
          ['keys', 'forget'],
        ]) {
          const refused = await coffer(args, { passphrase });
          expect(refused).toMatchObject({ exit: 1, out: '' });
          expect(refused.err).toContain(`The system keychain cannot be used: ${reason}. (keychain.unavailable)`);
        }
        expect(await coffer(['snapshots'], { passphrase })).toMatchObject({ exit: 0, err: '' });
      });
    },
  );

  test('because there is no session at all is not worth a word, unless it is asked for', async () => {
    const alone = { environment: { COFFER_PHRASE: undefined, COFFER_PASSPHRASE: undefined } };
    const ran = await computer.coffer(['snapshots'], alone);
    expect(ran).toMatchObject(missingSecret);
    expect(ran.err).not.toContain('keychain');
    expect(await computer.coffer(['keys', 'forget'], alone)).toMatchObject({
      exit: 1,
      err: expect.stringContaining('The system keychain cannot be used: this session has none. (keychain.unavailable)'),
    });
  });
});
