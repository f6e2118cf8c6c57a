import { type Clock, chunkIdBytes, msOfTime, type Random } from '../../base/index.ts';
import {
  createReadings,
  type Readings,
  readDevice,
  type StoredSnapshot,
  type Vault,
  type VaultIndex,
} from '../../repository/index.ts';
import { filesOf, type SnapshotFile } from './files.ts';
import { createRest } from './rest.ts';
import { type Candidate, createSampler, type Kind } from './sample.ts';

/** What is restored from one snapshot: files of it, or all. */
export type Part = { readonly stored: StoredSnapshot; readonly files: readonly SnapshotFile[] | 'all' };

type Sample = Part & { readonly files: readonly SnapshotFile[] };

export type Choosing = {
  readonly vault: Vault;
  readonly index: VaultIndex;
  readonly clock: Clock;
  readonly random: Random;
  readonly damaged: (path: string, code: string) => void;
  readonly onLooked: (files: number) => void;
  readonly signal?: AbortSignal;
};

/** The newest snapshot from here; of another device where this one has none. */
export function newestSnapshot(vault: Vault): StoredSnapshot | null {
  const own = readDevice(vault.local)?.device;
  return vault.snapshots.findLast(({ snapshot }) => snapshot.device === own) ?? vault.snapshots.at(-1) ?? null;
}

const fromOlder = 1 / 4;

/**
 * Three quarters of the files come from the newest snapshot, by size, by how lately they changed, and by how long their data
 * was not read; the last quarter from any older one, since old versions are promised too.
 */
export async function chooseSample(
  choosing: Choosing,
  newest: StoredSnapshot,
  { files, bytesMost }: { readonly files: number; readonly bytesMost: number },
): Promise<Part[]> {
  const older = choosing.vault.snapshots.filter(({ id }) => id !== newest.id);
  const drawn = older[older.length === 0 ? 0 : choosing.random.integer(older.length)];
  const old =
    drawn === undefined
      ? null
      : await draw(choosing, drawn, {
          ...{ kinds: ['any'], files: Math.floor(files * fromOlder) },
          bytesMost: Math.floor(bytesMost * fromOlder),
        });
  const left = {
    files: files - (old?.files.length ?? 0),
    bytesMost: bytesMost - (old?.files ?? []).reduce((sum, { entry }) => sum + entry.size, 0),
  };
  const kinds: readonly Kind[] = old === null ? ['big', 'recent', 'unread', 'any'] : ['big', 'recent', 'unread'];
  const parts = [await draw(choosing, newest, { kinds, ...left }), ...(old === null ? [] : [old])];
  return parts.filter((part) => part.files.length > 0);
}

type Urn = { readonly kinds: readonly Kind[]; readonly files: number; readonly bytesMost: number };

async function draw(choosing: Choosing, stored: StoredSnapshot, urn: Urn): Promise<Sample> {
  const { vault, index, clock, random, damaged, onLooked, signal } = choosing;
  const readings = createReadings(vault.local);
  const nowMs = clock.now();
  const sampler = createSampler<Candidate & SnapshotFile>({ ...urn, random });
  const rest = createRest(clock, signal);
  let looked = 0;
  for await (const file of filesOf(index, stored, { damaged, ...(signal ? { signal } : {}) })) {
    const ageMs = Math.max(0, nowMs - msOfTime(file.entry.mtime));
    sampler.offer({ ...file, bytes: file.entry.size, ageMs, unreadMs: unreadMsOf(file, index, readings, nowMs) });
    onLooked(++looked);
    const pause = rest.take();
    if (pause !== null) await pause;
  }
  // Their ids are views into listings, which would stay in memory.
  return {
    stored,
    files: sampler.drawn().map(({ path, entry, content }) => ({ path, entry, content: content.slice() })),
  };
}

const hundredDaysMs = 100 * 24 * 3600 * 1000;

/** Since the pack of its first chunk was read whole; what never was counts as long unread. */
function unreadMsOf({ content }: SnapshotFile, index: VaultIndex, readings: Readings, nowMs: number): number {
  if (content.length < chunkIdBytes) return 0;
  const pack = index.packs.get(index.packOf(content, 0));
  const reading = pack === undefined ? null : readings.of(pack.id);
  return reading === null || reading.state === 'seen' ? hundredDaysMs : Math.max(0, nowMs - reading.atMs);
}
