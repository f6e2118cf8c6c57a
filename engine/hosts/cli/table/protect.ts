import { ruleOptions } from './rules.ts';
import type { CommandSpec } from './types.ts';

/** Commands that put files into a vault and keep it sound. */
export const init = {
  name: 'init',
  says: 'Make a new vault',
  details: [
    'Makes a vault in an empty or new folder. Asks for a passphrase twice, then shows the recovery phrase: 24 words that open the vault when everything else is lost. They are shown only this once.',
  ],
  arguments: [],
  options: {
    label: { kind: 'text', value: 'TEXT', says: 'a name for this key; the place can read it' },
  },
  examples: [
    { line: 'coffer init --store /mnt/disk/vault', says: 'a vault on an external drive' },
    {
      line: 'coffer init --store /mnt/disk/vault --passphrase-file ~/.vault-passphrase --json',
      says: 'from a script; the recovery phrase is in the answer',
    },
  ],
  json: {
    kind: 'object',
    fields: [
      { name: 'vault', type: 'string', says: 'the id of the vault' },
      { name: 'store', type: 'string', says: 'where it is' },
      { name: 'recoveryPhrase', type: 'string', says: 'the 24 words, shown only this once' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;

export const backup = {
  name: 'backup',
  says: 'Protect files and folders',
  details: [
    'Stores what is new or changed and makes a snapshot of everything given. Files that cannot be read are named and do not stop the others; the exit code is then 3.',
    'Patterns are those of .gitignore. Left out by themselves: the vault, other vaults, Coffer’s own folder, what the system makes up (/proc and the like), other file systems, and the contents of folders that programs mark as caches.',
  ],
  arguments: [{ name: 'PATH', says: 'a folder or file to protect', many: true }],
  options: {
    ...ruleOptions,
    tag: { kind: 'list', value: 'TEXT', says: 'a mark for this snapshot; may be given again' },
  },
  examples: [
    { line: 'coffer backup --store /mnt/disk/vault ~/Documents ~/Pictures', says: 'protect two folders' },
    {
      line: "coffer backup --store /mnt/disk/vault ~ --preset caches --exclude '*.iso' --max-size 4GB",
      says: 'the whole home folder without what can be made again',
    },
    { line: 'coffer backup --json ~/Documents', says: 'from a script, with COFFER_STORE and COFFER_PASSPHRASE set' },
  ],
  json: {
    kind: 'object',
    note: 'The object stands alone on the last line.',
    fields: [
      { name: 'snapshot', type: 'string', says: 'the id of the snapshot' },
      { name: 'files', type: 'number', says: 'files in the snapshot' },
      { name: 'folders', type: 'number', says: 'folders in the snapshot' },
      { name: 'others', type: 'number', says: 'links, pipes, sockets and devices in the snapshot' },
      { name: 'bytes', type: 'number', says: 'size of the files' },
      { name: 'changedFiles', type: 'number', says: 'files that were new or changed' },
      { name: 'readBytes', type: 'number', says: 'bytes read from disk' },
      { name: 'newBytes', type: 'number', says: 'bytes that the vault did not have' },
      { name: 'storedBytes', type: 'number', says: 'bytes written to the place, compressed and encrypted' },
      { name: 'failed', type: 'number', says: 'entries that could not be saved' },
      { name: 'failures', type: '[{path, code}]', says: 'the first 1,000 of them' },
      { name: 'excluded', type: '{reason: number}', says: 'how many entries were left out, and why' },
      { name: 'leftOut', type: '[{path, reason}]', says: 'the first 1,000 of them' },
      { name: 'seconds', type: 'number', says: 'time from start to end' },
      { name: 'notices', type: '[string]', says: 'what a person should know' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled',
} as const satisfies CommandSpec;

export const check = {
  name: 'check',
  says: 'Verify that the vault is whole',
  details: [
    'Without an option: that every object is there and every list agrees. With --read-data every byte is read, decrypted and compared too; with a percentage a share of it, another one each time.',
    'The exit code is 4 when something is damaged or missing; the files concerned are named.',
  ],
  arguments: [],
  options: {
    'read-data': { kind: 'maybe', value: 'PERCENT', says: 'read the data too; all of it, or a share of 1 to 100' },
  },
  examples: [
    { line: 'coffer check --store /mnt/disk/vault', says: 'the structure; takes seconds' },
    { line: 'coffer check --store /mnt/disk/vault --read-data=5', says: 'every run reads another twentieth' },
  ],
  json: {
    kind: 'object',
    fields: [
      { name: 'whole', type: 'boolean', says: 'nothing is damaged or missing' },
      { name: 'readData', type: '"none" | "share" | "all"', says: 'how much data was read' },
      {
        name: 'findings',
        type: '[{kind, key, detail, files, fileCount}]',
        says: 'kind: damaged, missing, log, or unused (which does no harm)',
      },
      { name: 'affectedFiles', type: 'number', says: 'versions of files that cannot be restored whole' },
      { name: 'snapshots', type: 'number', says: 'snapshots looked at' },
      { name: 'packs', type: 'number', says: 'packs looked at' },
      { name: 'bytesRead', type: 'number', says: 'bytes read from the place' },
      { name: 'seconds', type: 'number', says: 'time from start to end' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;

export const repair = {
  name: 'repair',
  says: 'Put right what can be put right',
  details: [
    'Says what it would do; with --apply it does it. It only adds: nothing is ever deleted or changed. Damaged data comes back by itself with the next backup while the files are still on this computer.',
  ],
  arguments: [],
  options: { apply: { kind: 'flag', says: 'do it' } },
  examples: [
    { line: 'coffer repair --store /mnt/disk/vault', says: 'see what would be done' },
    { line: 'coffer repair --store /mnt/disk/vault --apply', says: 'do it' },
  ],
  json: {
    kind: 'object',
    fields: [
      { name: 'applied', type: 'boolean', says: 'false when it only said what it would do' },
      { name: 'written', type: 'number', says: 'objects that were written, or would be' },
      { name: 'actions', type: '[string]', says: 'what was done or would be done, and what cannot be' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;

export const stats = {
  name: 'stats',
  says: 'Show how much the vault holds',
  arguments: [],
  options: {},
  examples: [{ line: 'coffer stats --store /mnt/disk/vault', says: 'snapshots, devices and sizes' }],
  json: {
    kind: 'object',
    fields: [
      { name: 'snapshots', type: 'number', says: 'snapshots in the vault' },
      { name: 'devices', type: 'number', says: 'computers that wrote to it' },
      { name: 'packs', type: 'number', says: 'packs at the place' },
      { name: 'storedBytes', type: 'number', says: 'their size' },
      { name: 'chunks', type: 'number', says: 'different pieces of data' },
      { name: 'chunkBytes', type: 'number', says: 'their size before compression' },
      { name: 'latest', type: 'snapshot | null', says: 'the newest snapshot, as in `coffer snapshots`' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;

const share = '{bytes, storedBytes}';

export const space = {
  name: 'space',
  says: 'Show what takes the space, and what would come free',
  details: [
    'Without anything: the whole vault by the age of its snapshots, from its lists alone, in whole packs; quick at any size. With --by or a path every folder’s listing is read once and all figures are exact.',
    '"Only here" is what would come free if just that one went from all snapshots, after compression; "shared" is needed elsewhere too. For a path: in how many snapshots it stands, and what removing it everywhere would free. Nothing is changed.',
  ],
  arguments: [{ name: 'PATH', says: 'a file or folder; also one that only older snapshots have', optional: true }],
  options: {
    by: {
      kind: 'text',
      value: 'WHAT',
      choices: ['source', 'folder', 'age'],
      says: 'what the lines stand for: sources, the folders in them or in PATH, or how old snapshots are',
    },
    all: { kind: 'flag', says: 'every line, not only the 20 largest' },
  },
  examples: [
    { line: 'coffer space --store /mnt/disk/vault', says: 'the whole, by the age of snapshots' },
    { line: 'coffer space --by source', says: 'which source takes what, with COFFER_STORE set' },
    { line: 'coffer space ~/Videos', says: 'one folder, and the folders in it' },
  ],
  json: {
    kind: 'object',
    fields: [
      { name: 'by', type: '"source" | "folder" | "age"', says: 'what the parts stand for' },
      { name: 'exact', type: 'boolean', says: 'false when counted in whole packs, which is without PATH and --by' },
      { name: 'path', type: 'string | null', says: 'the path that was asked for' },
      {
        name: 'place',
        type: 'object | null',
        says: 'when not exact: {storedBytes, otherBytes, packs, neededPacks, neededBytes}: all that lies there, what of it is no pack, and what snapshots need',
      },
      { name: 'snapshots', type: 'number', says: 'snapshots that have any of it' },
      { name: 'versions', type: 'number | null', says: 'of a file: how many different contents it had' },
      { name: 'unique', type: share, says: 'what would come free without it: before compression, and as stored' },
      { name: 'shared', type: share, says: 'what something else needs too' },
      {
        name: 'parts',
        type: '[part]',
        says: 'each {name, host, direct, snapshots, unique, shared}; name is a path, or an age: day, week, month, year (up to that), older; host is that of a source; direct: the files directly in that folder',
      },
      { name: 'lost', type: 'number', says: 'listings and pieces that cannot be read, which the figures lack' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;

export const config = {
  name: 'config',
  says: 'Show the fixed settings of the vault',
  arguments: [],
  options: {},
  examples: [{ line: 'coffer config --store /mnt/disk/vault', says: 'its id, format and how it cuts files' }],
  json: {
    kind: 'object',
    fields: [
      { name: 'vault', type: 'string', says: 'the id of the vault' },
      { name: 'store', type: 'string', says: 'where it is' },
      { name: 'version', type: 'number', says: 'the version of its format' },
      { name: 'chunkIds', type: 'string', says: 'how pieces of data are named' },
      { name: 'chunker', type: '{min, average, max}', says: 'sizes of the pieces in bytes' },
      { name: 'level', type: 'number', says: 'how hard it compresses' },
      { name: 'created', type: 'time', says: 'when it was made' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;
