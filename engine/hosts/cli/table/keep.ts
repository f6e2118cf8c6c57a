import type { CommandSpec } from './types.ts';

/** Commands that say how long snapshots stay. */
const common = { needsStore: true, whenCancelled: 'cancelled.other' } as const;
const reason = { reason: { kind: 'text', value: 'TEXT', says: 'why, for whoever looks at it later' } } as const;
const many = { name: 'SNAPSHOT', says: 'the first letters of a snapshot, or "latest"', many: true } as const;

const count = (says: string) => ({ kind: 'text', value: 'COUNT', says }) as const;

export const forget = {
  name: 'forget',
  says: 'Let old snapshots go, by rules or by name',
  details: [
    'By rules: what one of them names is kept, the rest goes. Each computer and each set of sources is looked at by itself, and keeps its newest snapshot whatever the rules say. Pinned snapshots stay, and so do those that were made while the clock of their computer was wrong. While the log of any computer is broken, nothing goes by rules: a pin may have stood in it.',
    'It says what would go and asks; with --plan it only says. Forgotten snapshots are no longer shown. What they need stays at the place until a sweep, and until then `coffer unforget` brings them back.',
    '--keep-within counts the time that this computer has known a snapshot, as far as it surely went by: a clock that is set wrong makes nothing go early. A computer that sees a vault for the first time lets nothing go by it yet.',
  ],
  arguments: [{ ...many, optional: true }],
  options: {
    'keep-last': count('the newest so many'),
    'keep-hourly': count('the newest of each of so many hours that have one'),
    'keep-daily': count('the same by days'),
    'keep-weekly': count('the same by weeks, from Monday on'),
    'keep-monthly': count('the same by months'),
    'keep-yearly': count('the same by years'),
    'keep-within': { kind: 'text', value: 'DAYS', says: 'all that are not older, such as 30d, 6w or 1y' },
    'keep-tag': { kind: 'list', value: 'TEXT', says: 'all with this mark; may be given again' },
    plan: { kind: 'flag', says: 'only say what would stay, why, and what would go' },
    yes: { kind: 'flag', says: 'do not ask' },
    ...reason,
  },
  examples: [
    {
      line: 'coffer forget --store /mnt/disk/vault --keep-within 30d --keep-daily 90 --keep-monthly 24 --plan',
      says: 'what would go if all of a month stayed, then a day each, then a month each',
    },
    { line: 'coffer forget --keep-daily 14 --keep-weekly 8 --yes', says: 'from a script, with COFFER_STORE set' },
    { line: 'coffer forget 7f3a91c2', says: 'one snapshot' },
  ],
  json: {
    kind: 'object',
    fields: [
      { name: 'applied', type: 'boolean', says: 'false with --plan, and where nothing was to go' },
      { name: 'forgotten', type: '[string]', says: 'the ids of the snapshots that go' },
      {
        name: 'kept',
        type: '[{id, reasons}]',
        says: 'by rules: the others, and why: newest, pinned, tag, last, hourly, daily, weekly, monthly, yearly, within, time (the clock was wrong), log (the log of a computer is broken)',
      },
      {
        name: 'freedBytes',
        type: 'number | null',
        says: 'bytes at the place that only they need; null where that cannot be known',
      },
      {
        name: 'notKnownLong',
        type: 'number',
        says: 'snapshots that --keep-within keeps because this computer has not known them so long, whatever the clock says',
      },
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const unforget = {
  name: 'unforget',
  says: 'Bring forgotten snapshots back',
  details: [
    'Without a name: what this computer forgot last. With names: those, whichever computer forgot them; see them with `coffer snapshots --forgotten`. What a sweep has deleted does not come back.',
  ],
  arguments: [{ ...many, says: 'the first letters of a forgotten snapshot', optional: true }],
  options: { all: { kind: 'flag', says: 'all that are forgotten, of all computers' } },
  examples: [
    { line: 'coffer unforget --store /mnt/disk/vault', says: 'takes the last coffer forget back' },
    { line: 'coffer unforget 7f3a91c2', says: 'one snapshot, with COFFER_STORE set' },
  ],
  json: { kind: 'object', fields: [{ name: 'broughtBack', type: '[string]', says: 'the ids of the snapshots' }] },
  ...common,
} as const satisfies CommandSpec;

export const pin = {
  name: 'pin',
  says: 'Keep snapshots whatever the rules say',
  arguments: [many],
  options: reason,
  examples: [{ line: 'coffer pin latest --reason "before the move"', says: 'the newest one, with COFFER_STORE set' }],
  json: { kind: 'object', fields: [{ name: 'pinned', type: '[string]', says: 'the ids of the snapshots' }] },
  ...common,
} as const satisfies CommandSpec;

export const unpin = {
  name: 'unpin',
  says: 'Let rules decide about pinned snapshots again',
  arguments: [many],
  options: {},
  examples: [{ line: 'coffer unpin 7f3a91c2', says: 'see what is pinned with coffer snapshots' }],
  json: { kind: 'object', fields: [{ name: 'unpinned', type: '[string]', says: 'the ids of the snapshots' }] },
  ...common,
} as const satisfies CommandSpec;
