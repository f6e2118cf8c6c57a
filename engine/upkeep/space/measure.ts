import type { ChunkSizes } from './chunk-sizes.ts';

/** Bytes of files and listings, and what these take where they are stored. */
export type Amount = { readonly bytes: number; readonly storedBytes: number };

/** What would come free if only this went, and what it has in common with something else. */
export type Share = { readonly unique: Amount; readonly shared: Amount };

/** One listing: the chunks it is made of and those of the files in it; the numbers of the listings below it. */
export type Listing = { readonly chunks: Uint32Array; readonly folders: Uint32Array };

/** What hangs together: chunks by number, and listings with all that is below them. */
export type Group = { readonly chunks: ReadonlySet<number>; readonly listings: ReadonlySet<number> };

export type Measured = {
  /** In the order of the groups: against all other groups and what is elsewhere. */
  readonly groups: readonly Share[];
  /** The groups together, against what is elsewhere. */
  readonly all: Share;
};

const nobody = 0;
const several = 0xffffffff;

/** Visits whatever each group reaches, once for each group that reaches it. */
export function measure(
  listings: readonly Listing[],
  sizes: ChunkSizes,
  groups: readonly Group[],
  elsewhere: Group,
): Measured {
  /** 1 + the group that alone has the chunk; what is elsewhere is one more group. */
  const holder = new Uint32Array(sizes.count);
  const totals = groups.map(zero);
  const visit = createVisitor(listings, sizes.count);
  const outside = new Uint8Array(sizes.count);
  visit(elsewhere, (chunk) => {
    holder[chunk] = groups.length + 1;
    outside[chunk] = 1;
  });
  for (const [number, group] of groups.entries()) {
    visit(group, (chunk) => {
      holder[chunk] = holder[chunk] === nobody ? number + 1 : several;
      add(totals[number], sizes, chunk);
    });
  }
  const unique = groups.map(zero);
  const all = { unique: zero(), shared: zero() };
  for (let chunk = 0; chunk < sizes.count; chunk++) {
    const by = holder[chunk] ?? nobody;
    if (by === nobody || by === groups.length + 1) continue;
    add(unique[by - 1], sizes, chunk);
    add(outside[chunk] === 0 ? all.unique : all.shared, sizes, chunk);
  }
  return { groups: unique.map((own, number) => ({ unique: own, shared: minus(totals[number] ?? own, own) })), all };
}

/** Tells each chunk that a group reaches once, however many ways lead to it. */
function createVisitor(listings: readonly Listing[], chunks: number) {
  const chunkSeen = new Uint32Array(chunks);
  const listingSeen = new Uint32Array(listings.length);
  let round = 0;
  return (group: Group, tell: (chunk: number) => void): void => {
    round++;
    const see = (chunk: number): void => {
      if (chunkSeen[chunk] === round) return;
      chunkSeen[chunk] = round;
      tell(chunk);
    };
    for (const chunk of group.chunks) see(chunk);
    const stack = [...group.listings];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (listingSeen[next] === round) continue;
      listingSeen[next] = round;
      const listing = listings[next];
      for (const chunk of listing?.chunks ?? []) see(chunk);
      for (const folder of listing?.folders ?? []) stack.push(folder);
    }
  };
}

type Sum = { bytes: number; storedBytes: number };

const zero = (): Sum => ({ bytes: 0, storedBytes: 0 });

function add(sum: Sum | undefined, { plain, stored }: ChunkSizes, chunk: number): void {
  if (sum === undefined) return;
  sum.bytes += plain[chunk] ?? 0;
  sum.storedBytes += stored[chunk] ?? 0;
}

function minus(whole: Amount, part: Amount): Amount {
  return { bytes: whole.bytes - part.bytes, storedBytes: whole.storedBytes - part.storedBytes };
}
