/**
 * What a person does not want in a backup: a path and its stat go in, a reason comes out. The options are plain values, so
 * each worker compiles its own rules from the same ones.
 */
import { assert } from '../base/index.ts';
import { cacheTagName, isTaggedCache } from './cache-tag.ts';
import { compilePattern, createSplit, type Pattern } from './pattern.ts';
import type { FileStat, FileSystem } from './port.ts';
import { type PresetName, presets } from './presets.ts';

export type RulesOptions = {
  /** Lines as in a .gitignore; the last that matches decides, and they come after the presets. */
  readonly patterns: readonly string[];
  readonly presets: readonly PresetName[];
  /** Larger files are left out. Bytes. */
  readonly sizeMax?: number;
  /** Files not changed for longer are left out; counted back from `nowSeconds`. */
  readonly ageMaxDays?: number;
  /** The time of the run, so that all workers agree. */
  readonly nowSeconds?: number;
  /** Whether a folder marked as a cache (CACHEDIR.TAG) keeps only itself and the mark. */
  readonly cacheDirTag: boolean;
};

/** Stable keys: they are counted, stored and shown. */
export type RuleReason = 'pattern' | `preset:${PresetName}` | 'size' | 'age' | 'cachedir-tag';

export type Rules = {
  /**
   * The path is relative to the source and has `/` between its parts. A folder that is left out is not entered, so what
   * lies in it is never asked for. Without a stat, size and age are not looked at.
   */
  leaveOut(path: string, isFolder: boolean, stat: FileStat | null): RuleReason | null;
  /** For a folder with these names: what of it is left out because it is marked as a cache; null when it is not. */
  tagsFolder(path: string, names: readonly string[], fs: FileSystem): CacheFolder | null;
};

export type CacheFolder = { leaveOut(name: string): 'cachedir-tag' | null };

type Rule = Pattern & { readonly reason: RuleReason };

const cacheFolder: CacheFolder = { leaveOut: (name) => (name === cacheTagName ? null : 'cachedir-tag') };
const daySeconds = 86_400;

export function compileRules(options: RulesOptions): Rules {
  const lastFirst = compileAll(options).reverse();
  const { sizeMax = Number.POSITIVE_INFINITY, ageMaxDays = Number.POSITIVE_INFINITY, nowSeconds = 0 } = options;
  assert(
    options.ageMaxDays === undefined || options.nowSeconds !== undefined,
    'an age limit needs the time of the run',
  );
  const oldestSeconds = nowSeconds - ageMaxDays * daySeconds;
  return {
    tagsFolder: (path, names, fs) =>
      options.cacheDirTag && names.includes(cacheTagName) && isTaggedCache(fs, path) ? cacheFolder : null,
    leaveOut: (path, isFolder, stat) => {
      if (lastFirst.length > 0) {
        const name = path.slice(path.lastIndexOf('/') + 1);
        for (const rule of lastFirst) {
          if ((rule.isForFolders && !isFolder) || !rule.matches(path, name)) continue;
          if (rule.isNegated) break;
          return rule.reason;
        }
      }
      if (stat?.kind !== 'file') return null;
      if (stat.size > sizeMax) return 'size';
      return stat.mtimeSeconds < oldestSeconds ? 'age' : null;
    },
  };
}

function compileAll({ patterns, presets: chosen }: RulesOptions): Rule[] {
  const rules: Rule[] = [];
  const split = createSplit();
  const add = (line: string, reason: RuleReason): void => {
    const pattern = compilePattern(line, split);
    if (pattern) rules.push({ ...pattern, reason });
  };
  for (const name of chosen) for (const line of presets[name]) add(line, `preset:${name}`);
  for (const line of patterns) add(line, 'pattern');
  return rules;
}
