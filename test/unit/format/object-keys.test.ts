import { expect, test } from 'vitest';
import { AssertionError, deviceId, packId, snapshotId } from '../../../engine/base/index.ts';
import {
  keyOfHead,
  keyOfIndex,
  keyOfPack,
  keyOfRefs,
  keyOfSlot,
  keyOfSnapshot,
  parseKey,
  snapshotPath,
} from '../../../engine/format/index.ts';

const hash = 'ab'.repeat(32);
const device = deviceId('cd'.repeat(16));

test('every key is read back as what it names', () => {
  expect(parseKey('config')).toEqual({ kind: 'config' });
  expect(parseKey(keyOfSlot(hash))).toEqual({ kind: 'slot', hash });
  expect(parseKey(keyOfPack(packId(hash)))).toEqual({ kind: 'pack', pack: hash });
  expect(parseKey(keyOfIndex(hash))).toEqual({ kind: 'index', hash });
  expect(parseKey(keyOfRefs(hash))).toEqual({ kind: 'refs', hash });
  const snapshot = keyOfSnapshot(device, 12, snapshotId(hash));
  expect(snapshot).toBe(`snapshots/${device}/0000000012-${hash}`);
  expect(snapshot.startsWith(snapshotPath(device, 12))).toBe(true);
  expect(parseKey(snapshot)).toEqual({ kind: 'snapshot', device, seq: 12, snapshot: hash });
  expect(parseKey(keyOfHead(device, 9_999_999_999))).toEqual({ kind: 'head', device, seq: 9_999_999_999 });
});

test.each([
  '',
  'config/',
  'Config',
  'tmp/x',
  `keys/${hash}x`,
  `keys/${hash.toUpperCase()}`,
  `packs/${hash}`,
  `packs/cd/${hash}`,
  `packs/ab/${hash}\n`,
  `index/../${hash}`,
  `snapshots/${device}/12-${hash}`,
  `snapshots/${device}/0000000000-${hash}`,
  `heads/${device}/0000000000`,
  `heads/${device}/00000000001`,
  `heads/${device}`,
])('%j is no key of the format', (key) => {
  expect(parseKey(key)).toBeNull();
});

test.each([0, -1, 1.5, 10_000_000_000])('%d is no sequence number', (seq) => {
  expect(() => keyOfHead(device, seq)).toThrow(AssertionError);
});
