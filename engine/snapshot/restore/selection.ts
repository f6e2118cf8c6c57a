import { CofferError } from '../../base/index.ts';
import { isBelow, nameBytes, nameFromBytes } from '../../filesystem/index.ts';
import { isEntryName, type TreeEntry } from '../../format/index.ts';
import type { VaultIndex } from '../../repository/index.ts';
import { locate } from '../browse/locate.ts';
import type { Mapping, RestoreOptions } from './types.ts';

/** One entry that is restored with everything below it, and where to. */
export type Root = {
  readonly entry: TreeEntry;
  /** In the snapshot. */
  readonly path: string;
  /** Number of the source that it is in: hard links hold within one. */
  readonly source: number;
  /** A folder that the person chose, or that was there around the source: may be reached through links. */
  readonly base: string;
  /** Folders below the base on the way to it: each must be a real one. */
  readonly steps: readonly string[];
  /** Empty for the root of a file system: its content goes into the base itself. */
  readonly name: string;
};

export type Selection = { readonly roots: readonly Root[]; readonly mappings: readonly Mapping[] };

export async function select(index: VaultIndex, options: RestoreOptions): Promise<Selection> {
  const sources = options.snapshot.snapshot.sources.map(({ path }) => nameFromBytes(path));
  const chosen = new Map<string, TreeEntry>();
  if (options.paths.length === 0) {
    for (const { path, entry } of options.snapshot.snapshot.sources) chosen.set(nameFromBytes(path), entry);
  }
  for (const path of options.paths) {
    const location = await locate(index, { ...options.snapshot, key: '' }, path);
    const found = location.kind === 'entry' ? [location.found] : location.sources;
    for (const one of found) chosen.set(one.path, one.entry);
  }
  const paths = [...chosen.keys()];
  const mappings = new Map<string, Mapping>();
  const roots = [...chosen].flatMap(([path, entry]): Root[] => {
    if (paths.some((other) => isBelow(path, other))) return [];
    const source = sources.findIndex((candidate) => path === candidate || isBelow(path, candidate));
    const where =
      options.target === null
        ? originalPlace(path, sources[source] ?? path, options, mappings)
        : below(options.target, path);
    return [{ entry, path, source, ...where }];
  });
  return { roots, mappings: [...mappings.values()] };
}

type Where = Pick<Root, 'base' | 'steps' | 'name'>;

function below(base: string, path: string): Where {
  const names = namesOf(path);
  return { base, steps: names.slice(0, -1), name: names.at(-1) ?? '' };
}

/** What is above a source is not in the snapshot: it is taken as it is here. */
function originalPlace(path: string, source: string, options: RestoreOptions, mappings: Map<string, Mapping>): Where {
  const home = nameFromBytes(options.snapshot.snapshot.home);
  const isInHome = home !== options.userHome && home.length > 1 && (source === home || isBelow(source, home));
  if (isInHome) mappings.set(home, { from: home, to: options.userHome });
  const here = isInHome ? options.userHome + source.slice(home.length) : source;
  const hereNames = namesOf(here);
  const inside = namesOf(path).slice(namesOf(source).length);
  const names = hereNames.slice(-1).concat(inside);
  return { base: `/${hereNames.slice(0, -1).join('/')}`, steps: names.slice(0, -1), name: names.at(-1) ?? '' };
}

/** A path comes from the vault, so its parts are checked like names in a tree: none may lead outside the target. */
function namesOf(path: string): string[] {
  const names = path
    .split('/')
    .slice(1)
    .filter((name, at, all) => name !== '' || at < all.length - 1);
  if (!path.startsWith('/') || names.some((name) => !isEntryName(nameBytes(name), 'posix'))) {
    throw new CofferError('object.damaged', { key: 'snapshot', reason: `it has a source with the path ${path}` });
  }
  return names;
}
