import { CofferError } from '../base/index.ts';
import type { SourceRules } from '../contract/index.ts';
import { type PresetName, presets, type RulesOptions } from '../filesystem/index.ts';

/** The contract's words as the walk takes them. */
export function rulesOf({ patterns, presets: names, cacheDirTag, sizeMax, ageMaxDays }: SourceRules): RulesOptions {
  return {
    patterns,
    presets: names.map(presetNamed),
    cacheDirTag,
    ...(sizeMax === undefined ? {} : { sizeMax }),
    ...(ageMaxDays === undefined ? {} : { ageMaxDays }),
  };
}

function presetNamed(name: string): PresetName {
  if (!Object.hasOwn(presets, name)) throw new CofferError('rules.presetUnknown', { preset: name });
  return name as PresetName; // one of its keys, as was just seen
}
