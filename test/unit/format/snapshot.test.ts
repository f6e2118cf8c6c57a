import { expect, test } from 'vitest';
import { deviceId, utf8 } from '../../../engine/base/index.ts';
import { decodeCbor } from '../../../engine/format/cbor-reader.ts';
import { type CborValue, encodeCbor, isMap } from '../../../engine/format/cbor-writer.ts';
import { decodeSnapshot, encodeSnapshot, type Snapshot } from '../../../engine/format/index.ts';
import { damageOf } from '../../support/damage.ts';

const time = { seconds: 1_700_000_000, nanoseconds: 0 };
const snapshot: Snapshot = {
  app: 'coffer 0.1.0',
  bytes: { new: 1, read: 2, stored: 3, total: 4 },
  counts: { excluded: 1, failed: 2, files: 3, folders: 4, others: 5, saved: 12, seen: 15 },
  device: deviceId('0d'.repeat(16)),
  excluded: new Map([['rule', 1]]),
  failures: [{ path: utf8('/home/me/x'), code: 'EACCES' }],
  finished: time,
  started: time,
  home: utf8('/home/me'),
  host: 'host',
  user: 'me',
  packs: { count: 0, root: new Uint8Array(32) },
  parent: null,
  platform: 'linux',
  previous: null,
  seq: 1,
  sources: [
    {
      path: utf8('/'),
      entry: {
        kind: 'folder',
        name: utf8('/'),
        mode: 0o755,
        uid: 0,
        gid: 0,
        mtime: time,
        ctime: time,
        size: 0,
        content: new Uint8Array(32),
      },
    },
  ],
  tags: [],
};

const isRefused = (bytes: Uint8Array): boolean => damageOf(() => decodeSnapshot(bytes, 'it')) !== null;

const fields = (): Map<string, CborValue> => {
  const value = decodeCbor(encodeSnapshot(snapshot), 'it');
  return new Map(isMap(value) ? value : []);
};

test('a root may be a source', () => {
  expect(decodeSnapshot(encodeSnapshot(snapshot), 'it')).toEqual(snapshot);
});

test('every field must be there', () => {
  for (const key of fields().keys()) {
    const less = fields();
    less.delete(key);
    expect([key, isRefused(encodeCbor(less))]).toEqual([key, true]);
  }
});

test('no field may be of another kind', () => {
  for (const key of fields().keys()) {
    for (const other of [null, -1, 'text', new Uint8Array(3), [1, 2, 3], new Map()]) {
      // Some fields are what the other value is: null for a parent, a text for a host, an empty map for reasons.
      const changed = fields().set(key, other);
      const bytes = encodeCbor(changed);
      if (!isRefused(bytes))
        expect(encodeCbor(decodeCbor(encodeSnapshot(decodeSnapshot(bytes, 'it')), 'it'))).toEqual(bytes);
    }
  }
});

test('an unknown field of a newer Coffer does not disturb', () => {
  expect(decodeSnapshot(encodeCbor(fields().set('zz', [true, 1])), 'it')).toEqual(snapshot);
});

test('counts that do not add up are refused', () => {
  const counts = { ...snapshot.counts, seen: 16 };
  expect(isRefused(encodeSnapshot({ ...snapshot, counts }))).toBe(true);
});

test('more than a thousand failures are not listed', () => {
  const failures = Array.from({ length: 1500 }, () => ({ path: utf8('x'), code: 'EIO' }));
  expect(decodeSnapshot(encodeSnapshot({ ...snapshot, failures }), 'it').failures).toHaveLength(1000);
});
