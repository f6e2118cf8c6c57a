import type { OptionSpec } from './types.ts';

/** What is left out; the same for one backup and for a source that is watched. */
export const ruleOptions = {
  exclude: { kind: 'list', value: 'PATTERN', says: 'leave out what matches; may be given again' },
  'exclude-file': { kind: 'list', value: 'FILE', says: 'read patterns from a file, one a line; may be given again' },
  preset: {
    kind: 'list',
    value: 'NAME',
    choices: ['caches', 'build-output', 'virtual-machines', 'trash'],
    says: 'leave out a known kind of files; may be given again',
  },
  'max-size': { kind: 'text', value: 'SIZE', says: 'leave out larger files, such as 4GB or 500MB' },
  'max-age': { kind: 'text', value: 'DAYS', says: 'leave out files not changed for longer, such as 365 or 2y' },
  'no-cachedir-tag': { kind: 'flag', says: 'keep folders marked as caches (CACHEDIR.TAG) too' },
  'cross-filesystems': { kind: 'flag', says: 'enter other file systems that are mounted inside' },
} as const satisfies Readonly<Record<string, OptionSpec>>;
