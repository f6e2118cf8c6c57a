import { placeFields, reasonField, sourceFields } from './agent-fields.ts';
import { ruleOptions } from './rules.ts';
import type { CommandSpec } from './types.ts';

/** What a person chooses once for protection that runs by itself: sources, places, when. */
const common = { needsStore: false, whenCancelled: 'cancelled.other' } as const;

export const sourcesAdd = {
  name: 'sources add',
  says: 'Choose folders and files to protect continuously',
  details: ['The rules are those of coffer backup, and hold for every path given.'],
  arguments: [{ name: 'PATH', says: 'a folder or file to protect', many: true }],
  options: ruleOptions,
  examples: [
    { line: 'coffer sources add ~/Documents ~/Pictures', says: 'two folders' },
    { line: "coffer sources add ~ --preset caches --exclude '*.iso'", says: 'the home folder, with rules' },
  ],
  json: { kind: 'array', fields: sourceFields },
  ...common,
} as const satisfies CommandSpec;

export const sourcesRemove = {
  name: 'sources remove',
  says: 'Stop protecting a folder',
  details: ['What was saved of it stays in the vaults and can be restored.'],
  arguments: [{ name: 'PATH', says: 'a source' }],
  options: {},
  examples: [{ line: 'coffer sources remove ~/Pictures', says: 'its saved versions are kept' }],
  json: { kind: 'object', fields: sourceFields },
  ...common,
} as const satisfies CommandSpec;

export const sourcesList = {
  name: 'sources list',
  says: 'List what is protected continuously',
  arguments: [],
  options: {},
  examples: [{ line: 'coffer sources list', says: 'each with its state and its rules' }],
  json: {
    kind: 'array',
    fields: [
      ...sourceFields,
      { name: 'state', type: 'string', says: 'as in `coffer status`' },
      reasonField,
      { name: 'watching', type: 'string', says: 'events, scanning, starting, absent or off' },
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const placesAdd = {
  name: 'places add',
  says: 'Choose a place to save to continuously',
  details: [
    'Opens the vault that is there, or makes one and shows its recovery phrase: 24 words, shown only this once. Where this computer has a safe place for it, the passphrase is kept for the agent, so that backups wait for nobody.',
    'With --recovery-phrase a vault that is there is opened with its 24 words. These are never kept: after a restart the place waits for coffer places unlock.',
  ],
  arguments: [{ name: 'URL', says: 'a place, as with --store' }],
  options: {},
  examples: [
    { line: 'coffer places add /mnt/disk/vault', says: 'asks for the passphrase' },
    {
      line: 'coffer places add /mnt/disk/vault --passphrase-file ~/.vault-passphrase --json',
      says: 'from a script; a new recovery phrase is in the answer',
    },
  ],
  json: {
    kind: 'object',
    fields: [
      ...placeFields,
      { name: 'created', type: 'boolean', says: 'true when the vault was made' },
      { name: 'recoveryPhrase', type: 'string | null', says: 'the 24 words of a new vault, shown only this once' },
      { name: 'secretKept', type: 'boolean', says: 'whether the agent finds the passphrase by itself after a restart' },
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const placesRemove = {
  name: 'places remove',
  says: 'Stop saving to a place',
  details: [
    'The vault there stays as it is, and its files can be restored from it. What was still on its way there is not sent.',
  ],
  arguments: [{ name: 'URL', says: 'a place' }],
  options: {},
  examples: [{ line: 'coffer places remove /mnt/disk/vault', says: 'nothing there is deleted' }],
  json: { kind: 'object', fields: placeFields },
  ...common,
} as const satisfies CommandSpec;

export const placesList = {
  name: 'places list',
  says: 'List the places that are saved to continuously',
  arguments: [],
  options: {},
  examples: [{ line: 'coffer places list', says: 'each with its state and what it holds' }],
  json: {
    kind: 'array',
    fields: [
      ...placeFields,
      { name: 'state', type: 'string', says: 'as in `coffer status`' },
      reasonField,
      { name: 'protected', type: 'time | null', says: 'the end of the last run that was confirmed there' },
      { name: 'snapshot', type: 'string | null', says: 'the id of the newest snapshot' },
      { name: 'files', type: 'number', says: 'files in it' },
      { name: 'bytes', type: 'number', says: 'their size' },
      {
        name: 'uploads',
        type: '{objects, bytes, parked}',
        says: 'what waits on this computer to be sent there; parked parts failed too often in the last run',
      },
    ],
  },
  ...common,
} as const satisfies CommandSpec;

export const placesUnlock = {
  name: 'places unlock',
  says: 'Unlock a place for the running agent',
  details: [
    'Gives the agent the passphrase of a place that it cannot open by itself, or with --recovery-phrase its 24 words. What they open is kept in memory until the agent ends.',
  ],
  arguments: [{ name: 'URL', says: 'a place' }],
  options: {},
  examples: [
    { line: 'coffer places unlock /mnt/disk/vault', says: 'asks for the passphrase' },
    { line: 'coffer places unlock /mnt/disk/vault --recovery-phrase', says: 'asks for the 24 words' },
  ],
  json: { kind: 'object', fields: [{ name: 'url', type: 'string', says: 'the place that is unlocked' }] },
  ...common,
} as const satisfies CommandSpec;

export const settings = {
  name: 'settings',
  says: 'Show or change when protection runs and what holds it back',
  details: [
    'Without options: shows them. Continuous: files are saved when nothing has changed for the quiet period, and at the latest when a change is as old as --exposure. At times: as said with --at and --days.',
    'Metered networks and Wi-Fis count for places that need a network, such as a network drive; on Linux it is known which folders are on one. A cable is always allowed. Where the system does not tell the name of the Wi-Fi, it is taken for none of those you named: --wifi-only waits, --wifi-never does not.',
    'Bandwidth counts for places that Coffer itself reaches over a network. Folders are not held back, also not those on a network drive. A change counts within a second; coffer now --anyway is not limited.',
    'Gentle runs have two threads that rest half of the time and come last at the processor and the disk; normal ones come last at the processor; full ones give way to nothing. A run keeps the pace it began with.',
    'Options that are not given leave their settings as they are.',
  ],
  arguments: [],
  options: {
    schedule: { kind: 'text', value: 'KIND', choices: ['continuous', 'times'], says: 'when runs begin' },
    'quiet-period': { kind: 'text', value: 'TIME', says: 'continuous: wait until nothing changed for so long: 3s' },
    exposure: { kind: 'text', value: 'TIME', says: 'continuous: save at the latest after so long: 15m' },
    at: { kind: 'text', value: 'TIMES', says: 'times: local times of day: 12:30,19:00' },
    days: { kind: 'text', value: 'DAYS', says: 'times: mon,tue,wed,thu,fri,sat,sun, or "all"' },
    'battery-min': {
      kind: 'text',
      value: 'PERCENT',
      says: 'nothing runs below this charge on battery; "off" for none',
    },
    'on-battery': { kind: 'text', value: 'ANSWER', choices: ['yes', 'no'], says: 'run on battery at all' },
    'on-metered': { kind: 'text', value: 'ANSWER', choices: ['yes', 'no'], says: 'run on metered networks' },
    'wifi-only': { kind: 'list', value: 'NAME', says: 'run on this Wi-Fi only; may be given again' },
    'wifi-never': { kind: 'list', value: 'NAME', says: 'never run on this Wi-Fi; may be given again' },
    'wifi-any': { kind: 'flag', says: 'run on any Wi-Fi again' },
    pace: {
      kind: 'text',
      value: 'PACE',
      choices: ['gentle', 'normal', 'full'],
      says: 'how much runs give way to your programs; a step gentler on battery',
    },
    bandwidth: { kind: 'text', value: 'RATE', says: 'send no more in a second: 2MB, or "off" for no limit' },
    'bandwidth-hours': {
      kind: 'text',
      value: 'SPANS',
      says: 'other rates by time of day: 08:00-18:00=500kB, or "off" for none',
    },
    'quiet-hours': { kind: 'text', value: 'SPANS', says: 'nothing runs then: 22:00-06:00, or "off" for none' },
  },
  examples: [
    { line: 'coffer settings', says: 'see them' },
    { line: 'coffer settings --schedule continuous --quiet-period 3s --exposure 15m', says: 'lose 15 minutes at most' },
    { line: 'coffer settings --schedule times --at 12:30,19:00 --days mon,fri', says: 'twice a day, on two days' },
    { line: 'coffer settings --wifi-never Phone', says: 'not through the phone, to a network drive' },
    { line: 'coffer settings --pace gentle', says: 'quietly, and slower' },
    { line: 'coffer settings --bandwidth off --bandwidth-hours 08:00-18:00=500kB', says: 'leave the line free by day' },
    { line: 'coffer settings --battery-min 20 --on-metered no --quiet-hours 22:00-06:00', says: 'stay out of the way' },
  ],
  json: {
    kind: 'object',
    fields: [
      {
        name: 'schedule',
        type: 'object',
        says: '{kind: "continuous", quietSeconds, exposureMinutes} or {kind: "times", minutes, days}: minutes since midnight, 0 is Sunday, no days for every day',
      },
      {
        name: 'policies',
        type: 'object',
        says: '{batteryPercentMin: number | null, onBattery, onMetered, wifi: {kind: "only" | "never", names} | null, quietHours: [{fromMinute, toMinute}], bandwidth: {limits: [{fromMinute, toMinute, bytesPerSecond: number | null}], otherwise: number | null}}',
      },
      { name: 'pace', type: 'string', says: 'gentle, normal or full' },
    ],
  },
  ...common,
} as const satisfies CommandSpec;
