import { systemCode } from '../../base/index.ts';
import type { FileSystem } from '../../filesystem/index.ts';
import { type Level, layout } from '../keys.ts';

export type WalkOptions = {
  readonly root: string;
  readonly fileSystem: FileSystem;
  readonly prefix: string;
};

/**
 * Keys below the root that begin with the prefix, in their order, folder by folder, without asking for more than names.
 * A folder of the format that is not there (yet) is empty; one that vanishes while it is listed is an error, because its
 * objects would silently be left out.
 */
export function* walkKeys(options: WalkOptions): Generator<readonly string[]> {
  yield* walkLevel(options, '', layout);
}

/** Every folder of the format that is there, the root as ''. */
export function* walkFolders(
  options: Omit<WalkOptions, 'prefix'>,
  name = '',
  level: Level = layout,
): Generator<string> {
  yield name;
  for (const { key, below } of childrenOf({ ...options, prefix: '' }, name, level)) {
    if (below !== null) yield* walkFolders(options, key, below);
  }
}

function* walkLevel(options: WalkOptions, name: string, level: Level): Generator<readonly string[]> {
  let objects: string[] = [];
  for (const { key, below } of childrenOf(options, name, level)) {
    if (below === null) {
      objects.push(key);
      continue;
    }
    if (objects.length > 0) yield objects;
    objects = [];
    yield* walkLevel(options, key, below);
  }
  if (objects.length > 0) yield objects;
}

type Child = { readonly key: string; readonly below: Level | null };

function childrenOf(options: WalkOptions, name: string, level: Level): Child[] {
  const { prefix } = options;
  const children: Child[] = [];
  const parent = name.slice(name.lastIndexOf('/') + 1);
  for (const child of namesIn(options, name).sort()) {
    const below = level.find((branch) => branch.fits(child, parent))?.below;
    const key = name === '' ? child : `${name}/${child}`;
    if (below === undefined) continue;
    const wanted =
      below === null ? key.startsWith(prefix) : `${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`);
    if (wanted) children.push({ key, below });
  }
  return children;
}

function namesIn({ root, fileSystem }: WalkOptions, name: string): string[] {
  try {
    return fileSystem.list(name === '' ? root : `${root}/${name}`);
  } catch (error) {
    // A file under a folder's name is no folder of ours, and nothing can be below it.
    if (name !== '' && systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}
