import type { CommandSpec } from './types.ts';

const amount = '{packs, bytes}';

/** Commands that give back what a vault does not need any more. */
export const sweep = {
  name: 'sweep',
  says: 'Give back the space that no snapshot needs any more',
  details: [
    'Works in two steps, because nothing brings back what is deleted. What no snapshot needs is marked, for all computers to see. What has been marked for the whole grace, 30 days or more, and is still needed by nobody, is deleted. Until then a forgotten snapshot can be brought back.',
    'Run it now and then, from any computer: each time it marks and deletes what is due. By itself it deletes at most a twentieth of the vault at a time. It never stops a backup or a restore, and when anything about the vault is doubtful it does nothing and says why.',
    'The grace counts time that this computer has surely lived through since it first saw the mark: a clock that is set wrong makes nothing go early.',
  ],
  arguments: [],
  options: {
    plan: { kind: 'flag', says: 'only say what would be done' },
    grace: { kind: 'text', value: 'DAYS', says: 'how long what is marked stays, 30 days or more (default 30)' },
    all: { kind: 'flag', says: 'delete all that is due, not only a twentieth of the vault' },
  },
  examples: [
    { line: 'coffer sweep --store /mnt/disk/vault --plan', says: 'what would come free, now and later' },
    { line: 'coffer sweep --grace 90', says: 'do it, and let everything stay for 90 days, with COFFER_STORE set' },
  ],
  json: {
    kind: 'object',
    note: 'With --plan, and where nothing may be swept, marked and deleted are what would be done.',
    fields: [
      { name: 'applied', type: 'boolean', says: 'false when it only said what it would do' },
      { name: 'doubts', type: '[string]', says: 'why nothing may be swept; empty when nothing speaks against it' },
      { name: 'graceDays', type: 'number', says: 'how long what is marked stays' },
      { name: 'present', type: amount, says: 'all packs at the place, before' },
      { name: 'marked', type: amount, says: 'packs that no snapshot needs, marked now' },
      { name: 'deleted', type: amount, says: 'packs that were marked for the whole grace, deleted now' },
      { name: 'snapshots', type: 'number', says: 'forgotten snapshots of which nothing is left' },
      { name: 'waiting', type: amount, says: 'packs marked before whose grace is not over' },
      { name: 'later', type: amount, says: 'packs that are due and more than one sweep deletes by itself' },
      { name: 'spared', type: amount, says: 'packs that were marked and are needed again: they stay' },
      { name: 'young', type: amount, says: 'packs in no snapshot yet, perhaps of a backup that is under way' },
      {
        name: 'nextInDays',
        type: 'number | null',
        says: 'until the next of those that wait are due; null: none waits',
      },
    ],
  },
  needsStore: true,
  whenCancelled: 'cancelled.other',
} as const satisfies CommandSpec;
