import fc from 'fast-check';
import { deviceId, packId, snapshotId, type Time, toHex, vaultId } from '../../engine/base/index.ts';
import type {
  ConfigBody,
  ConfigHeader,
  IndexObject,
  KnownLogEntry,
  LogAction,
  NewPiece,
  PackHeader,
  Refs,
  SlotClear,
  Snapshot,
  Tree,
  TreeEntry,
} from '../../engine/format/index.ts';
import { type CborValue, compareNames, isEntryName } from '../../engine/format/index.ts';

/** Arbitrary values of every kind that the format stores. */
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hex = (length: number) => bytesOf(length).map(toHex);
export const uint = fc.oneof(
  fc.nat(),
  fc.nat(30),
  fc.maxSafeNat(),
  fc.constantFrom(23, 24, 255, 256, 65_535, 65_536, 2 ** 32),
);
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const text = fc.string({ unit: 'binary', maxLength: 12 });
const time: fc.Arbitrary<Time> = fc.record({
  seconds: fc.oneof(fc.integer(), fc.maxSafeInteger()),
  nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
});
const seq = fc.integer({ min: 1, max: 9_999_999_999 });

const integers = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
);
export const cborValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(fc.constantFrom(null, true, false), integers, text, fc.uint8Array({ maxLength: 40 })),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  ),
})).value;

const unknownKeys = (known: readonly string[]) =>
  fc
    .array(
      fc.tuple(
        text.filter((key) => !known.includes(key)),
        cborValue,
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((pairs): ReadonlyMap<string, CborValue> => new Map(pairs));

/** Leaves out what is undefined, as exact optional properties want it. */
const optional = <T extends object>(arbitraries: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
  fc.record(arbitraries, { requiredKeys: [] });

const ids = (least: number) => fc.nat(3).chain((count) => bytesOf(32 * (count + least)));
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const hardLink = fc.oneof(fc.record({ inode: u64 }), fc.record({ inode: u64, device: u64 }));
const xattrs = fc
  .uniqueArray(
    fc.record({ name: fc.uint8Array({ minLength: 1, maxLength: 8 }), value: fc.uint8Array({ maxLength: 9 }) }),
    {
      minLength: 1,
      maxLength: 3,
      selector: ({ name }) => toHex(name),
    },
  )
  .map((list) => list.sort((left, right) => compareNames(left.name, right.name)));

const entryName = fc.uint8Array({ minLength: 1, maxLength: 12 }).filter((name) => isEntryName(name, 'windows'));
const common = fc
  .tuple(
    fc.record({ name: entryName, mode: fc.nat(0o7777), uid: u32, gid: u32, mtime: time, ctime: time }),
    optional({ state: text, hardLink, xattrs, unknown: unknownKeys(['e', 'f', 'h', 's', 'x']) }),
  )
  .map(([fields, extras]) => ({ ...fields, ...extras }));

const holes = fc
  .array(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 100 })), { minLength: 1, maxLength: 4 })
  .map((gaps) => {
    let end = 0;
    return gaps.flatMap(([gap, length]) => {
      const offset = end + gap;
      end = offset + length;
      return [offset, length];
    });
  });

const file = fc.oneof(
  fc.record({ size: fc.integer({ min: 1000, max: Number.MAX_SAFE_INTEGER }), content: ids(1) }),
  fc.record({ size: fc.integer({ min: 1000, max: 2000 }), content: ids(1), holes }),
  fc.record({ size: uint, content: fc.constant(null) }),
  fc.constant({ size: 0, content: new Uint8Array(0) }),
);
const folder = fc
  .tuple(fc.record({ size: uint, content: fc.oneof(ids(1), fc.constant(null)) }), optional({ entries: uint }))
  .map(([fields, extras]) => ({ ...fields, ...extras }));

export const entry: fc.Arbitrary<TreeEntry> = fc.oneof(
  fc.tuple(common, file).map(([fields, more]) => ({ ...fields, ...more, kind: 'file' as const })),
  fc.tuple(common, folder).map(([fields, more]) => ({ ...fields, ...more, kind: 'folder' as const })),
  fc.tuple(common, fc.uint8Array()).map(([fields, target]) => ({ ...fields, target, kind: 'symlink' as const })),
  fc
    .tuple(common, u32, u32, fc.constantFrom('charDevice' as const, 'blockDevice' as const))
    .map(([fields, major, minor, kind]) => ({ ...fields, major, minor, kind })),
  fc.tuple(common, fc.constantFrom('fifo' as const, 'socket' as const)).map(([fields, kind]) => ({ ...fields, kind })),
);

const owners = fc
  .uniqueArray(fc.record({ id: u32, name: text }), { maxLength: 3, selector: ({ id }) => id })
  .map((list) => list.sort((left, right) => left.id - right.id));

export const tree: fc.Arbitrary<Tree> = fc.record({
  header: fc.record({ platform: fc.constantFrom('posix' as const, 'windows' as const), owners, groups: owners }),
  entries: fc
    .uniqueArray(entry, { maxLength: 8, selector: ({ name }) => toHex(name) })
    .map((list) => list.sort((left, right) => compareNames(left.name, right.name))),
});

const counts = fc.record({ excluded: u32, failed: u32, files: u32, folders: u32, others: u32 }).map((some) => {
  const saved = some.files + some.folders + some.others;
  return { ...some, saved, seen: saved + some.excluded + some.failed };
});
const orNull = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.oneof(some, fc.constant(null));
const snapshotHash = hex(32).map(snapshotId);

export const snapshot: fc.Arbitrary<Snapshot> = fc.record({
  app: text,
  bytes: fc.record({ new: uint, read: uint, stored: uint, total: uint }),
  counts,
  device: hex(16).map(deviceId),
  excluded: fc.array(fc.tuple(text, uint), { maxLength: 3 }).map((pairs) => new Map(pairs)),
  failures: fc.array(fc.record({ path: fc.uint8Array(), code: text }), { maxLength: 3 }),
  finished: time,
  started: time,
  home: fc.uint8Array(),
  host: text,
  user: text,
  packs: fc.record({ count: uint, root: bytesOf(32) }),
  parent: orNull(snapshotHash),
  platform: text,
  previous: orNull(snapshotHash),
  seq,
  sources: fc.array(fc.record({ path: fc.uint8Array(), entry }), { maxLength: 3 }),
  tags: fc.array(text, { maxLength: 3 }),
});

const action: fc.Arbitrary<Exclude<LogAction, { kind: 'unknown' }>> = fc.oneof(
  fc.record({ kind: fc.constant('snapshot' as const), snapshot: snapshotHash, refs: hex(32) }),
  fc.record({
    kind: fc.constantFrom('forget' as const, 'pin' as const),
    snapshots: fc.array(snapshotHash, { maxLength: 3 }),
    reason: text,
  }),
  fc.record({ kind: fc.constant('sweep-mark' as const), packs: ids(0), reason: text }),
  fc.record({ kind: fc.constant('sweep-delete' as const), snapshots: fc.array(snapshotHash, { maxLength: 3 }) }),
  fc.record({
    kind: fc.constant('revoke' as const),
    entries: fc.array(fc.record({ device: hex(16).map(deviceId), seq }), { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('slot-change' as const), change: text }),
  fc.record({ kind: fc.constant('device-name' as const), name: text }),
);

export const logEntry: fc.Arbitrary<KnownLogEntry> = fc.record({
  device: hex(16).map(deviceId),
  previous: orNull(hex(32)),
  requires: fc.array(text, { maxLength: 2 }),
  seq,
  time,
  vault: hex(16).map(vaultId),
  action,
});

export const signedLogEntry = fc.record({ entry: fc.uint8Array(), publicKey: bytesOf(32), signature: bytesOf(64) });

const sizes = fc
  .record({
    min: fc.integer({ min: 65, max: 10_000 }),
    more: fc.integer({ min: 2, max: 10_000 }),
    most: fc.nat(10_000),
  })
  .map(({ min, more, most }) => ({ min, average: min + more, max: min + more + most }));

export const configBody: fc.Arbitrary<ConfigBody> = fc
  .tuple(
    fc.record({ chunker: sizes, created: time, level: fc.integer({ min: 1, max: 19 }), treeChunker: sizes }),
    optional({ unknown: unknownKeys(['chunker', 'created', 'level', 'treeChunker']) }),
  )
  .map(([fields, extras]) => ({ ...fields, ...extras }));

export const configHeader: fc.Arbitrary<ConfigHeader> = fc.record({
  version: fc.integer({ min: 100, max: 65_535 }),
  minReader: fc.integer({ min: 1, max: 100 }),
  vault: hex(16).map(vaultId),
  idAlgorithm: fc.constantFrom('blake3' as const, 'hmac-sha256' as const),
  chunker: fc.constant('gear64' as const),
});

const slotFields = {
  vault: hex(16).map(vaultId),
  salt: bytesOf(32),
  created: fc.maxSafeNat(),
  label: fc.string({ unit: 'binary', maxLength: 50 }),
  commitment: bytesOf(32),
};
export const slot: fc.Arbitrary<SlotClear> = fc.oneof(
  fc.record({
    ...slotFields,
    kind: fc.constant('passphrase' as const),
    cost: fc.record({ memoryKiB: u32, passes: u32, lanes: u32 }),
  }),
  fc.record({
    ...slotFields,
    kind: fc.constantFrom('phrase' as const, 'device' as const),
    cost: fc.constant({ memoryKiB: 0, passes: 0, lanes: 0 }),
  }),
);

export const packHeader: fc.Arbitrary<PackHeader> = fc.record({
  type: fc.constantFrom('data' as const, 'tree' as const),
  salt: bytesOf(24),
  commitment: bytesOf(32),
});

/** Pieces as a packer adds them: single or bundled, raw or compressed. */
export const pieces: fc.Arbitrary<NewPiece[]> = fc.array(
  fc
    .record({
      lengths: fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 5 }),
      zstd: fc.boolean(),
      saved: fc.nat(),
      seed: bytesOf(32),
    })
    .map(({ lengths, zstd, saved, seed }) => {
      const raw = lengths.reduce((sum, length) => sum + length, 0);
      return {
        stored: zstd ? raw + 15 - (saved % (raw - 1 || 1)) : raw + 16,
        raw,
        zstd: zstd && raw > 1,
        bundle: lengths.length > 1,
        ids: Uint8Array.from({ length: 32 * lengths.length }, (_, at) => (seed[at % 32] ?? 0) + (at >> 5)),
        lengths,
      };
    })
    .filter(({ raw }) => raw > 1),
  { maxLength: 6 },
);

const rising = fc
  .uniqueArray(bytesOf(32), { maxLength: 6, selector: toHex })
  .map((list) => new Uint8Array(Buffer.concat(list.sort(compareNames))));
export const hashList = rising;

const refsFields = { snapshot: snapshotHash, added: rising };
export const refs: fc.Arbitrary<Refs> = fc.oneof(
  fc.record({ ...refsFields, base: fc.constant(null), depth: fc.constant(0), removed: fc.constant(new Uint8Array(0)) }),
  fc.record({ ...refsFields, base: hex(32), depth: fc.integer({ min: 1, max: 63 }), removed: rising }),
);

export const indexObject: fc.Arbitrary<IndexObject> = fc.record({
  supersedes: fc.array(hex(32), { maxLength: 3 }),
  packs: fc.array(
    fc.record({
      pack: hex(32).map(packId),
      type: fc.constantFrom('data' as const, 'tree' as const),
      length: fc.integer({ min: 0, max: 16 * 1024 * 1024 }),
      directory: fc.uint8Array({ maxLength: 100 }),
    }),
    { maxLength: 4 },
  ),
});
