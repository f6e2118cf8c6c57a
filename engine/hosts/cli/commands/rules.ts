import { readFile } from 'node:fs/promises';
import { CofferError } from '../../../base/index.ts';
import type { RulesOptions } from '../../engine.ts';
import { systemReason } from '../../text/reasons.ts';
import { parseBytes, parseDays } from '../quantities.ts';
import type { Session } from '../session.ts';
import type { OptionsOf, ValuesOf } from '../table/index.ts';

/** The options of `backup` and `sources add` that leave something out. */
type RuleValues = Omit<ValuesOf<OptionsOf<'sources add'>>, 'cross-filesystems'>;

/** What is left out, as the engine wants it; `command` is named when an option is wrong. */
export async function rulesOf({ fullPath }: Session, options: RuleValues, command: string): Promise<RulesOptions> {
  const files = await Promise.all(options['exclude-file'].map((file) => patternsOf(fullPath(file))));
  const sizeMax = options['max-size'];
  const ageMax = options['max-age'];
  return {
    patterns: [...files.flat(), ...options.exclude],
    // The table's choices are the names of the engine's presets; `parse` let no other through.
    presets: options.preset as RulesOptions['presets'],
    cacheDirTag: !options['no-cachedir-tag'],
    ...(sizeMax === undefined ? {} : { sizeMax: parseBytes(sizeMax, '--max-size', command) }),
    ...(ageMax === undefined ? {} : { ageMaxDays: parseDays(ageMax, '--max-age', command) }),
  };
}

/** Lines as in a .gitignore; the engine knows which of them are remarks. */
async function patternsOf(file: string): Promise<string[]> {
  try {
    return (await readFile(file, 'utf8'))
      .replace(/^\ufeff/, '')
      .split(/\r?\n/)
      .filter((line) => line !== '');
  } catch (error) {
    throw new CofferError('rules.fileUnreadable', { path: file, detail: systemReason(error) }, error);
  }
}
