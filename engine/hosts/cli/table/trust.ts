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
