import type { RulesOptions } from '../../engine/filesystem/index.ts';
import type { BackupSource } from '../../engine/snapshot/index.ts';

/** Sources under one set of rules, as a command line names them. */
export type ChosenPaths = {
  readonly paths?: readonly string[];
  readonly rules?: RulesOptions;
  readonly otherFileSystems?: boolean;
};

export const noRules: RulesOptions = { patterns: [], presets: [], cacheDirTag: false };

export function sourcesOf({ paths = [], rules = noRules, otherFileSystems = false }: ChosenPaths): BackupSource[] {
  return paths.map((path) => ({ path, rules, otherFileSystems }));
}
