import type { JsonField } from './types.ts';

/** Fields of `--json` that several commands about the agent share. */
export const reasonField = {
  name: 'reason',
  type: 'reason | null',
  says: '{code, context, text, remedy}: text is the code in words, remedy what to do about it or null',
} as const satisfies JsonField;

export const exposureField = {
  name: 'exposure',
  type: '{files, bytes, seconds}',
  says: 'what is changed and not yet confirmed at every place, and since when',
} as const satisfies JsonField;

export const stateFields = [
  {
    name: 'state',
    type: 'string',
    says: 'safe, working, waiting, paused, attention or atRisk',
  },
  reasonField,
  exposureField,
  {
    name: 'coverage',
    type: '{seen, saved, leftOut, failed, deferred, files, bytes}',
    says: 'of the newest run: seen = saved + leftOut + failed + deferred, which are those still to come; files and bytes are those saved',
  },
  { name: 'protected', type: 'time | null', says: 'when everything known then was last confirmed at every place' },
  { name: 'nextRun', type: 'time | null', says: 'when the next run begins if nothing else happens' },
  {
    name: 'run',
    type: 'object | null',
    says: 'the run under way: {id, reason, started, place, pace, phase, foundFiles, foundBytes, doneBytes, readBytes, newBytes, storedBytes, bytesPerSecond, secondsLeft: {least, most} | null}',
  },
  { name: 'pause', type: '{until, time} | null', says: 'until is time, power or resumed' },
  { name: 'places', type: '[place]', says: 'each place, as in `coffer places list`' },
  {
    name: 'sources',
    type: '[source]',
    says: '{id, path, state, reason, watching}: watching is events, scanning, starting, absent or off',
  },
  { name: 'processId', type: 'number', says: 'of the agent; 0 when none runs' },
  { name: 'version', type: 'string', says: 'of the agent' },
] as const satisfies readonly JsonField[];

export const sourceFields = [
  { name: 'id', type: 'number', says: 'its number' },
  { name: 'path', type: 'string', says: 'the folder or file' },
  {
    name: 'rules',
    type: 'object',
    says: 'what is left out: {patterns, presets, cacheDirTag, oneFileSystem, sizeMax, ageMaxDays}, the last two where given',
  },
] as const satisfies readonly JsonField[];

export const placeFields = [
  { name: 'id', type: 'number', says: 'its number' },
  { name: 'url', type: 'string', says: 'where it is' },
  { name: 'vault', type: 'string', says: 'the id of the vault there' },
] as const satisfies readonly JsonField[];
