import { CofferError, type ExitName } from '../../../base/index.ts';
import type { KeyInfo, Vault } from '../../engine.ts';
import { layColumns } from '../../text/columns.ts';
import { shortName } from '../../text/names.ts';
import { formatTime } from '../../text/times.ts';
import type { Run } from '../commands.ts';
import { keyJson } from '../json.ts';
import type { FoundSecret } from '../secrets.ts';
import { usageError } from '../usage.ts';
import { showPhrase } from './init.ts';
import { renewRemembered } from './remember.ts';

const kindWords = { passphrase: 'passphrase', phrase: 'recovery phrase', device: 'device' } as const;
const columns = [{ title: 'key' }, { title: 'kind' }, { title: 'made' }, { title: '' }, { title: 'label' }] as const;

export const list: Run<'keys list'> = async (session) => {
  const { engine, output } = session;
  return await session.withVault('read', async (vault) => {
    const byTime = (left: KeyInfo, right: KeyInfo): number => left.created.seconds - right.created.seconds;
    const keys = (await engine.listKeys(vault)).toSorted(byTime);
    const rows = layColumns(
      columns,
      keys.map(({ key, kind, created, usedNow, label, damaged }) => [
        slotName(key),
        kindWords[kind],
        formatTime(created),
        damaged ?? (usedNow ? 'in use now' : ''),
        output.path(label),
      ]),
    );
    output.say(rows[0] ?? '');
    let at = 0;
    await output.items(keys, { json: keyJson, row: () => rows[++at] ?? '' });
    return 'done';
  });
};

export const add: Run<'keys add'> = async (session, { options }) => {
  const { engine, output, secrets } = session;
  if (options['new-recovery-phrase'] && options['new-passphrase-file'] !== undefined) {
    throw usageError(
      '--new-recovery-phrase makes a recovery phrase, so it takes no --new-passphrase-file.',
      'keys add',
    );
  }
  return await session.withVault('write', async (vault) => {
    if (options['new-recovery-phrase']) {
      const { key, phrase } = await engine.addRecoveryPhrase(vault, options.label ?? 'recovery phrase');
      output.object({ key: keyJson(key), recoveryPhrase: phrase });
      output.say(`${output.style.safe('Added.')} The key ${slotName(key.key)} is a recovery phrase.`);
      showPhrase(output, phrase);
      return 'done';
    }
    const passphrase = await secrets.another(options['new-passphrase-file']);
    const key = await engine.addPassphrase(vault, passphrase, options.label ?? 'passphrase');
    output.object({ key: keyJson(key), recoveryPhrase: null });
    output.say(`${output.style.safe('Added.')} The key ${slotName(key.key)} is a passphrase.`);
    return 'done';
  });
};

export const remove: Run<'keys remove'> = async (session, { arguments: [typed = ''] }) => {
  const { engine, output } = session;
  return await session.withVault('write', async (vault) => {
    const { key } = chosenFrom(await engine.listKeys(vault), typed);
    await engine.removeKey(vault, key);
    output.object({ removed: key });
    output.say(`Removed. The key ${slotName(key)} does not open this vault any more.`);
    output.say('  A copy of the place made before still holds it, for whoever knows its secret.');
    return 'done';
  });
};

export const passphrase: Run<'keys passphrase'> = async (session, { options }) => {
  const { engine, output, secrets } = session;
  let used: FoundSecret | undefined;
  const onSecret = (found: FoundSecret): void => {
    used = found;
  };
  const change = async (vault: Vault): Promise<ExitName> => {
    const passphrase = await secrets.another(options['new-passphrase-file']);
    const { oldKeyStays, ...key } = await engine.changePassphrase(vault, passphrase);
    output.object({ key: keyJson(key), oldKeyStays });
    if (used?.secret.kind === 'phrase') {
      output.say(`${output.style.safe('Added.')} The new passphrase opens this vault.`);
      output.say('  The old passphrases still open the vault; remove them with: coffer keys remove KEY');
      output.say('  See them with: coffer keys list');
    } else output.say(`${output.style.safe('Changed.')} From now on the new passphrase opens this vault.`);
    if (oldKeyStays !== null) {
      output.note(
        `The place refused to delete the old key ${slotName(oldKeyStays)}, so the old passphrase opens it too.`,
      );
    }
    await renewRemembered(session, vault.id, passphrase);
    return 'done';
  };
  return await session.withVault('write', change, { onSecret });
};

/** Keys are named by their objects, `keys/<hash>`; people see the beginning of the hash. */
const hashOf = (key: string): string => key.replace(/^keys\//, '');
const slotName = (key: string): string => shortName(hashOf(key));

function chosenFrom(keys: readonly KeyInfo[], typed: string): KeyInfo {
  const [found, another] = keys.filter(({ key }) => hashOf(key).startsWith(hashOf(typed.toLowerCase())));
  if (found === undefined) throw new CofferError('slot.unknown', { key: typed });
  if (another !== undefined)
    throw usageError(`More than one key begins with "${typed}"; give more letters.`, 'keys remove');
  return found;
}
