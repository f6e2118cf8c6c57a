import { crc32 } from 'node:zlib';
import { CofferError, utf8 } from '../base/index.ts';
import type { Source } from '../contract/index.ts';
import { type FileSystem, readWhole, writeFileAtomic } from '../filesystem/index.ts';
import type { Choices } from './choices.ts';
import { RowDamage } from './faults.ts';
import type { KnownPlace } from './tables/places.ts';
import { fieldsOf, listAt, numberAt, pauseFrom, rulesFrom, settingsFrom, stringAt } from './values.ts';

/**
 * The choices once more, beside the database, because they can be found nowhere else. Lone surrogates of path texts are
 * escaped by JSON, so any path comes back as it was. The check tells a file that a disk has changed from one that was written.
 */
const version = 1;

export function writeChoices(fileSystem: FileSystem, path: string, choices: Choices): void {
  writeFileAtomic(
    fileSystem,
    path,
    utf8(`${JSON.stringify({ version, check: checkOf(choices), choices }, null, 2)}\n`),
  );
}

/** Null when there are none; throws RowDamage when they are not as they were written. */
export function readChoices(fileSystem: FileSystem, path: string): Choices | null {
  const bytes = readWhole(fileSystem, path);
  if (bytes === null) return null;
  const fields = fieldsOf(parsed(bytes));
  const isNewer = numberAt(fields, 'version') > version;
  if (stringAt(fields, 'check') !== checkOf(fields.choices)) throw new RowDamage('its check does not fit');
  if (isNewer) throw new CofferError('journal.newer', { path });
  return choicesFrom(fields.choices);
}

function checkOf(choices: unknown): string {
  return crc32(JSON.stringify(choices)).toString(16).padStart(8, '0');
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new RowDamage('it is not well formed');
  }
}

function choicesFrom(value: unknown): Choices {
  const fields = fieldsOf(value);
  return {
    revision: numberAt(fields, 'revision'),
    sources: listAt(fields, 'sources', sourceFrom),
    places: listAt(fields, 'places', placeFrom),
    settings: fields.settings === null ? null : settingsFrom(fields.settings),
    pause: fields.pause === null ? null : pauseFrom(fields.pause),
    lastSource: numberAt(fields, 'lastSource'),
    lastPlace: numberAt(fields, 'lastPlace'),
  };
}

function sourceFrom(value: unknown): Source {
  const fields = fieldsOf(value);
  return { id: numberAt(fields, 'id'), path: stringAt(fields, 'path'), rules: rulesFrom(fields.rules) };
}

function placeFrom(value: unknown): KnownPlace {
  const fields = fieldsOf(value);
  return { id: numberAt(fields, 'id'), url: stringAt(fields, 'url'), vault: stringAt(fields, 'vault') };
}
