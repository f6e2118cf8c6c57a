import type { CommandSpec, JsonField } from './types.ts';

/** Commands about the keys that open a vault. Each key lies in a slot; any one of them opens everything. */
const newPassphrase = {
  'new-passphrase-file': { kind: 'text', value: 'FILE', says: 'read the new passphrase from a file' },
  label: { kind: 'text', value: 'TEXT', says: 'a name for this key; the place can read it' },
} as const;

const keyFields = [
  { name: 'key', type: 'string', says: 'the name of the key slot' },
  { name: 'kind', type: 'string', says: 'passphrase, phrase or device' },
  { name: 'label', type: 'string', says: 'its name for people' },
  { name: 'created', type: 'time', says: 'when it was made' },
  { name: 'usedNow', type: 'boolean', says: 'it opened the vault just now' },
  { name: 'damaged', type: 'string | null', says: 'why it opens nothing' },
] as const satisfies readonly JsonField[];

const common = { needsStore: true, whenCancelled: 'cancelled.other' } as const;

export const keysList = {
  name: 'keys list',
  says: 'List the keys that open the vault',
  arguments: [],
  options: {},
  examples: [{ line: 'coffer keys list --store /mnt/disk/vault', says: 'passphrases, recovery phrases, devices' }],
  json: { kind: 'array', fields: keyFields },
  ...common,
} as const satisfies CommandSpec;

export const keysAdd = {
  name: 'keys add',
  says: 'Add a passphrase or a recovery phrase',
  details: ['Opens the vault with a secret it has, then asks for the new one. The old ones go on working.'],
  arguments: [],
  options: {
    ...newPassphrase,
    'new-recovery-phrase': { kind: 'flag', says: 'add a new recovery phrase of 24 words instead' },
  },
  examples: [
    { line: 'coffer keys add', says: 'a second passphrase, for a second person' },
    { line: 'coffer keys add --new-recovery-phrase', says: 'a new recovery phrase, when the old sheet is lost' },
  ],
  json: {
    kind: 'object',
    fields: [
      { name: 'key', type: 'object', says: 'the new key, as in `coffer keys list`' },
      {
        name: 'recoveryPhrase',
        type: 'string | null',
        says: 'the 24 words with --new-recovery-phrase, shown only this once',
      },
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const keysRemove = {
  name: 'keys remove',
  says: 'Remove a key',
  details: [
    'What it opened, it opens no more. A place may have kept a copy of the slot: whoever knows the old secret and has that copy can still open the vault.',
  ],
  arguments: [{ name: 'KEY', says: 'the first letters of a key slot' }],
  options: {},
  examples: [{ line: 'coffer keys remove 4c1e', says: 'see the names with coffer keys list' }],
  json: { kind: 'object', fields: [{ name: 'removed', type: 'string', says: 'the name of the key slot' }] },
  ...common,
} as const satisfies CommandSpec;

export const keysPassphrase = {
  name: 'keys passphrase',
  says: 'Change the passphrase',
  details: [
    'Puts a new passphrase in the place of the one that opens the vault now. Opened with the recovery phrase, it adds one, and the old ones stay.',
    'Where the system keychain holds the passphrase of this vault, it holds the new one afterwards.',
  ],
  arguments: [],
  options: { 'new-passphrase-file': newPassphrase['new-passphrase-file'] },
  examples: [
    { line: 'coffer keys passphrase --store /mnt/disk/vault', says: 'asks for the old one, then for the new one' },
  ],
  json: {
    kind: 'object',
    fields: [
      { name: 'key', type: 'object', says: 'the new key, as in `coffer keys list`' },
      { name: 'oldKeyStays', type: 'string | null', says: 'the old key, where the place refused to delete it' },
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const keysRemember = {
  name: 'keys remember',
  says: 'Keep the passphrase in the system keychain',
  details: [
    'Opens the vault to see that the passphrase is right. From then on it is not asked for on this computer.',
    'The entry goes by the id of the vault: a vault that was moved is found, and another vault at its path is not given this passphrase.',
  ],
  arguments: [],
  options: {},
  examples: [{ line: 'coffer keys remember --store /mnt/disk/vault', says: 'for backups without a person' }],
  json: {
    kind: 'object',
    fields: [
      { name: 'store', type: 'string', says: 'the place' },
      { name: 'remembered', type: 'boolean', says: 'true' },
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const keysForget = {
  name: 'keys forget',
  says: 'Take the passphrase out of the system keychain',
  details: [
    'Needs the place, which says the id of the vault, but no passphrase. Where the place is gone, remove the entry "Coffer" with the keychain\'s own program.',
  ],
  arguments: [],
  options: {},
  examples: [{ line: 'coffer keys forget --store /mnt/disk/vault', says: 'it is asked for again' }],
  json: {
    kind: 'object',
    fields: [
      { name: 'store', type: 'string', says: 'the place' },
      { name: 'forgotten', type: 'boolean', says: 'false when the keychain held none' },
    ],
  },
  ...common,
} as const satisfies CommandSpec;
