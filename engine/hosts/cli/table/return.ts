import type { CommandSpec, JsonField } from './types.ts';

/** Commands that look into a vault and bring files back. */
const snapshotArgument = { name: 'SNAPSHOT', says: 'the first letters of a snapshot, or "latest"' } as const;

const entryFields = [
  { name: 'path', type: 'string', says: 'where it was; bytes that are not UTF-8 as \\udc80 to \\udcff' },
  { name: 'kind', type: 'string', says: 'file, folder, link, fifo, socket, character or block' },
  { name: 'size', type: 'number', says: 'bytes' },
  { name: 'mode', type: 'string', says: 'permissions in octal, such as "0644"' },
  { name: 'uid', type: 'number', says: 'number of the owner' },
  { name: 'gid', type: 'number', says: 'number of the group' },
  { name: 'owner', type: 'string | null', says: 'name of the owner' },
  { name: 'group', type: 'string | null', says: 'name of the group' },
  { name: 'mtime', type: 'time', says: 'when it was last changed' },
  { name: 'target', type: 'string | null', says: 'where a link leads' },
  { name: 'state', type: 'string | null', says: 'null when complete; else why not' },
] as const satisfies readonly JsonField[];

export const snapshots = {
  name: 'snapshots',
  says: 'List the snapshots of the vault, oldest first',
  arguments: [],
  options: {
    last: { kind: 'text', value: 'COUNT', says: 'only the newest ones' },
    tag: { kind: 'list', value: 'TEXT', says: 'only those with this mark; may be given again' },
    forgotten: { kind: 'flag', says: 'those that were forgotten and can still come back' },
  },
  examples: [
    { line: 'coffer snapshots --store /mnt/disk/vault', says: 'all of them' },
    { line: 'coffer snapshots --last 10', says: 'the ten newest, with COFFER_STORE set' },
  ],
  json: {
    kind: 'array',
    fields: [
      { name: 'id', type: 'string', says: 'the id of the snapshot' },
      { name: 'device', type: 'string', says: 'the computer that made it' },
      { name: 'seq', type: 'number', says: 'its number in the log of that computer' },
      { name: 'host', type: 'string', says: 'name of that computer' },
      { name: 'user', type: 'string', says: 'who made it' },
      { name: 'started', type: 'time', says: 'when the backup began' },
      { name: 'finished', type: 'time', says: 'when it was complete' },
      { name: 'sources', type: '[string]', says: 'the folders and files that were given' },
      { name: 'tags', type: '[string]', says: 'its marks' },
      { name: 'files', type: 'number', says: 'files in it' },
      { name: 'folders', type: 'number', says: 'folders in it' },
      { name: 'bytes', type: 'number', says: 'their size' },
      { name: 'newBytes', type: 'number', says: 'bytes that the vault did not have' },
      { name: 'storedBytes', type: 'number', says: 'bytes written for it' },
      { name: 'failed', type: 'number', says: 'entries that could not be saved' },
      {
        name: 'deferred',
        type: 'number',
        says: 'files that were still to be read when it was made: not in it, or in an earlier version',
      },
      { name: 'pinned', type: 'boolean', says: 'no rule lets it go' },
      { name: 'forgotten', type: '{device, time, reason} | null', says: 'who forgot it, when, and why' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;

export const ls = {
  name: 'ls',
  says: 'List what a snapshot holds',
  details: ['Without a path: the folders that were protected. Without a snapshot: the newest one.'],
  arguments: [
    { ...snapshotArgument, optional: true },
    { name: 'PATH', says: 'a folder or file in it', optional: true },
  ],
  options: {
    recursive: { kind: 'flag', short: 'r', says: 'folders inside folders too' },
    long: { kind: 'flag', short: 'l', says: 'permissions, owner, size and time too' },
  },
  examples: [
    { line: 'coffer ls latest ~/Documents', says: 'one folder as it was last protected' },
    { line: 'coffer ls 7f3a91c2 --recursive --long', says: 'everything, with all that is known' },
  ],
  json: { kind: 'array', fields: entryFields },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;

export const find = {
  name: 'find',
  says: 'Find files by name in all snapshots',
  details: [
    'Shows every different version of every file whose name matches. In the pattern * stands for any letters and ? for one; a pattern without them finds names that contain it. Capital letters make no difference.',
  ],
  arguments: [{ name: 'PATTERN', says: 'a name or part of one' }],
  options: { snapshot: { kind: 'list', value: 'SNAPSHOT', says: 'only in this snapshot; may be given again' } },
  examples: [
    { line: 'coffer find invoice', says: 'all versions of all files with "invoice" in their name' },
    { line: "coffer find '*.docx' --snapshot latest", says: 'as last protected' },
  ],
  json: {
    kind: 'array',
    fields: [
      ...entryFields,
      { name: 'snapshot', type: 'string', says: 'a snapshot that has this version' },
      { name: 'firstSeen', type: 'time', says: 'when this version was first protected' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;

export const diff = {
  name: 'diff',
  says: 'Show what changed between two snapshots',
  arguments: [
    { name: 'FROM', says: 'the older snapshot: its first letters, or "latest"' },
    { name: 'TO', says: 'the newer snapshot' },
    { name: 'PATH', says: 'only below this folder', optional: true },
  ],
  options: {},
  examples: [{ line: 'coffer diff 7f3a91c2 latest ~/Documents', says: 'what changed there since' }],
  json: {
    kind: 'array',
    fields: [
      {
        name: 'change',
        type: 'string',
        says: 'added, removed, modified, or metadata (only times, owner and the like)',
      },
      { name: 'path', type: 'string', says: 'where' },
      { name: 'sizeBefore', type: 'number | null', says: 'bytes in the older snapshot' },
      { name: 'sizeAfter', type: 'number | null', says: 'bytes in the newer snapshot' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;

export const restore = {
  name: 'restore',
  says: 'Bring files back',
  details: [
    'Shows what it will do, then does it. With --target files go below that folder under their whole paths: --target ~/restored gives ~/restored/home/you/Documents/… With --original they go to where they were, and another computer’s home folder becomes yours.',
    'A restore that was interrupted goes on where it stopped. Damage does not stop it: everything that can be read is restored and what is missing is named. For 7 days it can be taken back with coffer undo.',
  ],
  arguments: [snapshotArgument, { name: 'PATH', says: 'only this file or folder', optional: true, many: true }],
  options: {
    target: { kind: 'text', value: 'DIR', says: 'the folder to restore into' },
    original: { kind: 'flag', says: 'restore to where the files were' },
    'on-conflict': {
      kind: 'text',
      value: 'POLICY',
      choices: ['keep-both', 'skip', 'overwrite'],
      says: 'what to do with files that exist; with --original keep-both unless said otherwise',
    },
    'dry-run': { kind: 'flag', says: 'only show what would be done' },
  },
  examples: [
    {
      line: 'coffer restore --store /mnt/disk/vault latest --target ~/restored',
      says: 'everything, into a new folder',
    },
    { line: 'coffer restore latest --original ~/Documents/report.odt', says: 'one file, back to its place' },
    { line: 'coffer restore 7f3a91c2 --original --dry-run', says: 'see what would happen' },
  ],
  json: {
    kind: 'object',
    note: 'With --dry-run only the first four fields.',
    fields: [
      { name: 'snapshot', type: 'string', says: 'the id of the snapshot' },
      { name: 'target', type: 'string | null', says: 'the folder; null for the original places' },
      { name: 'dryRun', type: 'boolean', says: 'true when nothing was restored' },
      { name: 'plan', type: 'object', says: '{files, folders, bytes, conflicts, mappings: [{from, to}], resumes}' },
      {
        name: 'id',
        type: 'string | null',
        says: 'the name of this restore, for coffer undo; null when nothing was made',
      },
      { name: 'files', type: 'number', says: 'files restored' },
      { name: 'folders', type: 'number', says: 'folders restored' },
      { name: 'bytes', type: 'number', says: 'their size' },
      { name: 'skipped', type: 'number', says: 'files that existed and were left as they are' },
      { name: 'keptBoth', type: 'number', says: 'files restored under another name beside the existing ones' },
      { name: 'replaced', type: 'number', says: 'files that were overwritten' },
      { name: 'failed', type: 'number', says: 'files that could not be restored' },
      { name: 'failures', type: '[{path, code}]', says: 'each of them' },
      { name: 'remarks', type: '[{path, remark}]', says: 'restored, but not in every detail' },
      { name: 'seconds', type: 'number', says: 'time from start to end' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.restore',
} as const satisfies CommandSpec;

export const undo = {
  name: 'undo',
  says: 'Take a restore back',
  details: [
    'Removes what the restore made and puts back what it replaced, for 7 days, on the computer that ran it. What was changed since is kept and named.',
  ],
  arguments: [{ name: 'RESTORE', says: 'the first letters of a restore; without it the newest', optional: true }],
  options: { list: { kind: 'flag', says: 'list the restores that can be undone' } },
  examples: [
    { line: 'coffer undo', says: 'take back the newest restore' },
    { line: 'coffer undo --list', says: 'see which there are' },
  ],
  json: {
    kind: 'object',
    note: 'With --list an array of {id, at, target, files}; target is null for the original places.',
    fields: [
      { name: 'id', type: 'string', says: 'the restore that was undone' },
      { name: 'removed', type: 'number', says: 'files it had made, removed again' },
      { name: 'putBack', type: 'number', says: 'files it had replaced, back again' },
      { name: 'kept', type: '[{path, reason}]', says: 'left as they are, and why' },
    ],
  },
  needsStore: false,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;

export const cat = {
  name: 'cat',
  says: 'Write a file of a snapshot to standard output',
  arguments: [snapshotArgument, { name: 'PATH', says: 'the file' }],
  options: {},
  examples: [
    { line: 'coffer cat latest ~/Documents/notes.txt > notes-before.txt', says: 'one file, without a restore' },
  ],
  json: { kind: 'none', fields: [], note: 'Standard output is the file itself; --json concerns errors only.' },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;
