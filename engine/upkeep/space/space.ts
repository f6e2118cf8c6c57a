import type { Vault, VaultIndex } from '../../repository/index.ts';
import { ages } from './ages.ts';
import { createListingReader, type ListingOptions } from './listings.ts';
import { type Amount, measure, type Share } from './measure.ts';
import { type AtPlace, overviewOf } from './overview.ts';
import { divide, type Part, type SpaceBy } from './parts.ts';

/**
 * What takes the space of a vault, and what would come free.
 *
 *     whole:   refs of all snapshots ─► packs that each age needs          no tree is read; in whole packs
 *     else:    all trees, each once ─► numbers of chunks ─► parts ─► who reaches which chunk          exact
 *
 * [Note: unique and shared] Unique is what would come free if only that part went, from all snapshots at once; shared is needed elsewhere too.
 */
export type SpaceOptions = ListingOptions & {
  /** Left out: the whole, by age, from lists alone. */
  readonly by?: SpaceBy;
  /** Absolute: this file or folder against all else. */
  readonly path?: string;
  readonly nowMs: number;
};

export type SpacePart = Share & Omit<Part, 'group'>;

export type Space = Share & {
  readonly by: SpaceBy;
  /** False: counted in whole packs. */
  readonly exact: boolean;
  readonly path: string | null;
  /** Only with the whole. */
  readonly place: AtPlace | null;
  /** That have it. */
  readonly snapshots: number;
  /** Different contents of a file that was asked for. */
  readonly versions: number | null;
  /** What comes free first; ages in their order. */
  readonly parts: readonly SpacePart[];
  /** What the figures lack because it cannot be read: listings, lists, chunks. */
  readonly lost: number;
};

export async function measureSpace(vault: Vault, index: VaultIndex, options: SpaceOptions): Promise<Space> {
  const { by, path } = options;
  return by === undefined && path === undefined
    ? await wholeSpace(vault, index, options)
    : await exactSpace(vault, index, { by: by ?? 'folder', ...options });
}

async function wholeSpace(vault: Vault, index: VaultIndex, options: SpaceOptions): Promise<Space> {
  const { place, needed, lost, ...found } = await overviewOf(vault, index, options);
  const parts = found.ages.map(({ age, snapshots, share }) => ({
    ...share,
    name: age,
    host: null,
    direct: false,
    snapshots,
  }));
  const none: Amount = { bytes: 0, storedBytes: 0 };
  const whole = { by: 'age', exact: false, path: null, versions: null, unique: needed, shared: none } as const;
  return { ...whole, place, snapshots: vault.snapshots.length, parts, lost };
}

async function exactSpace(
  { snapshots }: Vault,
  index: VaultIndex,
  options: SpaceOptions & { readonly by: SpaceBy },
): Promise<Space> {
  const { by, path = null } = options;
  const reader = createListingReader(index, options);
  const found = await divide(reader, snapshots, options);
  const groups = found.parts.map(({ group }) => group);
  const { groups: shares, all } = measure(reader.listings, reader.sizes, groups, found.elsewhere);
  const parts = found.parts.map(({ group: _, ...part }, at) => ({ ...part, ...(shares[at] ?? all) }));
  const order = by === 'age' ? byAge : bySize;
  const { snapshots: having, versions } = found;
  const { lost } = reader;
  return { ...all, by, path, exact: true, place: null, snapshots: having, versions, parts: parts.sort(order), lost };
}

const byAge = (left: SpacePart, right: SpacePart): number => placeOf(left) - placeOf(right);
const placeOf = ({ name }: SpacePart): number => ages.findIndex((age) => age === name);

const bySize = (left: SpacePart, right: SpacePart): number =>
  right.unique.storedBytes - left.unique.storedBytes ||
  right.shared.storedBytes - left.shared.storedBytes ||
  (left.name < right.name ? -1 : 1);
