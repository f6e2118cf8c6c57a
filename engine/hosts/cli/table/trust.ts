import type { CommandSpec } from './types.ts';

/** Commands that prove, again and again, that what is in a vault can be had. */
export const verify = {
  name: 'verify',
  says: 'Read what was not read for longest, and prove it whole',
  details: [
    'Reads packs of data whole, decrypts them and compares every byte with its digest, beginning with those that were not read for longest. Without an option it reads as much as is due: run once a day, everything is read within 100 days.',
    'What is damaged is not counted on by the next backup from this computer, which stores again what is still here. The files concerned are named, and the exit code is 4.',
  ],
  arguments: [],
  options: {
    share: { kind: 'text', value: 'PERCENT', says: 'read this share of all bytes, 1 to 100' },
    bytes: { kind: 'text', value: 'SIZE', says: 'read so much, such as 2GB' },
    all: { kind: 'flag', says: 'read everything' },
  },
  examples: [
    { line: 'coffer verify --store /mnt/disk/vault', says: 'what is due today' },
    { line: 'coffer verify --store /mnt/disk/vault --bytes 10GB', says: 'as much as there is time for' },
  ],
  json: {
    kind: 'object',
    fields: [
      { name: 'whole', type: 'boolean', says: 'nothing that was read is damaged, and nothing is missing' },
      { name: 'packsRead', type: 'number', says: 'packs read whole' },
      { name: 'bytesRead', type: 'number', says: 'bytes read from the place' },
      { name: 'packs', type: 'number', says: 'packs at the place' },
      { name: 'bytes', type: 'number', says: 'their size' },
      { name: 'readBytes', type: 'number', says: 'of these: read and found whole within the last 100 days' },
      { name: 'oldest', type: 'time | null', says: 'when that was read which was not read for longest; null: never' },
      {
        name: 'findings',
        type: '[{kind, key, detail, files, fileCount}]',
        says: 'as `coffer check` has them; none where all that was read is whole',
      },
      { name: 'affectedFiles', type: 'number', says: 'versions of files that cannot be restored whole' },
      { name: 'seconds', type: 'number', says: 'time from start to end' },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;

export const drill = {
  name: 'drill',
  says: 'Prove that files can be restored, by restoring some',
  details: [
    'Restores files to a private folder, reads them back, compares them with what the snapshot says, and with the files on this computer where these are unchanged, byte for byte; then removes them. Nothing else is touched. Most of the files come from the newest snapshot: big ones, those changed lately, and those whose data was not read for long; some from an older one.',
    'The report is signed by this device and kept on this computer. The exit code is 4 when something is damaged in the vault or differs, 3 when only the disk could not take a file.',
  ],
  arguments: [],
  options: {
    files: { kind: 'text', value: 'NUMBER', says: 'restore so many files, 1 to 10000; 32 without it' },
    full: { kind: 'flag', says: 'restore everything that the newest snapshot has' },
    to: { kind: 'text', value: 'DIR', says: 'restore below this folder, such as one on another disk' },
    last: { kind: 'flag', says: 'show the last drill instead' },
  },
  examples: [
    { line: 'coffer drill --store /mnt/disk/vault', says: 'a sample; takes seconds' },
    { line: 'coffer drill --store /mnt/disk/vault --full --to /mnt/large', says: 'all files, once a year' },
    { line: 'coffer drill --store /mnt/disk/vault --last', says: 'when files were last proven restorable' },
  ],
  json: {
    kind: 'object',
    fields: [
      { name: 'proven', type: 'boolean', says: 'files were restored, and none failed or differs' },
      { name: 'kind', type: '"sample" | "full"', says: 'how much was restored' },
      { name: 'at', type: 'time', says: 'when it began' },
      { name: 'seconds', type: 'number', says: 'time from start to end' },
      { name: 'snapshots', type: '[string]', says: 'the snapshots that files were restored from' },
      { name: 'files', type: 'number', says: 'files that were restored as the snapshot has them' },
      { name: 'bytes', type: 'number', says: 'their size' },
      { name: 'comparedWithHere', type: 'number', says: 'of these: compared with the unchanged file on this computer' },
      { name: 'failed', type: 'number', says: 'files and folders that could not be restored, or differ' },
      {
        name: 'failures',
        type: '[{path, reason, code}]',
        says: 'the first 1,000 of them; reason: not-restored, other-bytes than the snapshot says, or other-than-here',
      },
      {
        name: 'signed',
        type: '{statement, key, signature} | null',
        says: 'the report as text, with the Ed25519 key of this device and its signature in hex; null where this computer has not written to the vault',
      },
      { name: 'lastProven', type: 'time | null', says: 'when a drill last proved that files can be restored' },
    ],
    note: 'With --last and no drill so far: the object has lastProven alone, which is null.',
  },
  needsStore: true,
  whenCancelled: 'cancelled.drill',
} as const satisfies CommandSpec;
