import { type CatalogueEntry, entry } from './entry.ts';

/** The places where vaults are kept. */
export const storeErrors = {
  'store.missing': entry(
    'storeUnavailable',
    'later',
    'The place {store} cannot be found.',
    'Nothing was backed up to it or read from it.',
    'If it is on a drive, connect the drive; else check the path. Only if this is where a new vault should be: coffer init --store {store}',
  ),
  'store.notAFolder': entry(
    'storeUnavailable',
    'person',
    'The place {store} is not a folder.',
    'A vault is kept in a folder. Nothing was backed up or restored, and what is there was left as it is.',
    'Check the path. For a new vault, give a folder that is empty or does not exist yet.',
  ),
  'store.full': entry(
    'failed',
    'later',
    'The place {store} is full.',
    'What was stored before stays safe and will be used; no snapshot was made of the rest.',
    'Free some space there and run the same command again: it goes on where it stopped.',
  ),
  'store.denied': entry(
    'storeUnavailable',
    'person',
    'The place {store} does not let Coffer {action}.',
    'No backup was made. Nothing that was stored before is lost.',
    'Check the permissions of that folder, and whether its drive is mounted read-only.',
  ),
  'store.failed': entry(
    'failed',
    'later',
    'The place {store} failed: {detail}.',
    'What was stored before stays safe; no snapshot was made of the rest.',
    'Check the drive or the connection, and run the same command again.',
  ),
  'store.objectMissing': entry(
    'vaultDamaged',
    'never',
    'The object {key} is not at {store}.',
    'What only this object holds cannot be read.',
    'Run: coffer check',
  ),
  'store.objectExists': entry(
    'failed',
    'never',
    'The object {key} is at {store} already.',
    'It was left as it is: objects are written once.',
    'Nothing is to be done.',
  ),
  'store.urlInvalid': entry(
    'usage',
    'person',
    'This is not a place Coffer knows: {url}.',
    'Nothing was done.',
    'Give a folder, such as /mnt/disk/vault.',
  ),
} as const satisfies Record<string, CatalogueEntry>;
