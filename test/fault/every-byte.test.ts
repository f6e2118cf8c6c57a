import { beforeAll, describe, expect, test } from 'vitest';
import { judge, makeSmallVault, type Objects, type SmallVault } from './harmed-vault.ts';

/** Row 5: every byte flipped, every object deleted, cut short, swapped, put back to an older one. By size: damage.test.ts. */

const seed = 5;
let vault: SmallVault;

beforeAll(async () => {
  vault = await makeSmallVault(seed);
});

function withObject(key: string, bytes: Uint8Array | null): Objects {
  const objects = new Map(vault.objects);
  if (bytes === null) objects.delete(key);
  else objects.set(key, bytes);
  return objects;
}

/**
 * What a computer that sees a vault for the first time cannot know: that a log had one more entry (one that has seen it
 * does: rollback.test.ts), and that there was another key (nobody needs to: removing one looks the same).
 */
const excuses: Readonly<Record<string, string>> = {
  heads: 'snapshots are not shown, and nobody says why',
  keys: 'nobody noticed',
};

const kindOf = (key: string): string => key.split('/')[0] ?? '';

test('unharmed, everything is there, correct and unremarked', async () => {
  expect(await judge(vault, vault.objects)).toEqual(['nobody noticed']);
  expect(vault.truth.size).toBe(2);
});

describe.each(['config', 'keys', 'packs', 'index', 'snapshots', 'refs', 'heads'])('%s', (kind) => {
  const keys = (): [string, Uint8Array][] => [...vault.objects].filter(([key]) => kindOf(key) === kind);

  test('a flipped byte, whichever it is, is noticed and never gives wrong bytes', async () => {
    const faults: string[] = [];
    let bytes = 0;
    for (const [key, whole] of keys()) {
      for (let at = 0; at < whole.length; at++, bytes++) {
        const harmed = Buffer.from(whole);
        harmed[at] = (harmed[at] ?? 0) ^ (1 << ((at + seed) % 8));
        // A real restore of each would take minutes; reading goes the same way through the vault.
        const way = at % 24 === 0 ? 'restore' : 'read';
        faults.push(
          ...(await judge(vault, withObject(key, harmed), way)).map((fault) => `byte ${at} of ${key}: ${fault}`),
        );
      }
    }
    console.info(`${kind}: ${bytes} bytes flipped one by one, seed ${seed}`);
    expect(faults.slice(0, 20)).toEqual([]);
    expect(bytes).toBeGreaterThan(0);
  }, 120_000);

  test('an object that is deleted, cut short, grown or swapped is noticed, and the rest restores', async () => {
    const faults: string[] = [];
    const all = keys();
    for (const [place, [key, whole]] of all.entries()) {
      const another = all[(place + 1) % all.length]?.[1];
      const harms: readonly [string, Uint8Array | null][] = [
        ['deleted', null],
        ['emptied', new Uint8Array(0)],
        ...[1, 8, 63, 64, 100].map((length): [string, Uint8Array] => [`cut to ${length}`, whole.slice(0, length)]),
        ['halved', whole.slice(0, whole.length / 2)],
        ['without its last byte', whole.slice(0, -1)],
        ['with a byte more', Buffer.concat([whole, Buffer.of(0)])],
        ['doubled', Buffer.concat([whole, whole])],
        ['all zeros', new Uint8Array(whole.length)],
        ...(another === undefined || another === whole ? [] : [['swapped', another] as [string, Uint8Array]]),
      ];
      for (const [how, bytes] of harms) {
        const found = await judge(vault, withObject(key, bytes));
        const excused = how === 'deleted' ? excuses[kind] : undefined;
        faults.push(...found.filter((fault) => fault !== excused).map((fault) => `${key} ${how}: ${fault}`));
      }
    }
    expect(faults.slice(0, 20)).toEqual([]);
  }, 120_000);
});

test('an object of one kind under the name of another is noticed', async () => {
  const faults: string[] = [];
  const first = new Map<string, [string, Uint8Array]>();
  for (const [key, bytes] of vault.objects) if (!first.has(kindOf(key))) first.set(kindOf(key), [key, bytes]);
  for (const [key] of first.values()) {
    for (const [other, bytes] of first.values()) {
      if (other === key) continue;
      faults.push(...(await judge(vault, withObject(key, bytes))).map((fault) => `${other} as ${key}: ${fault}`));
    }
  }
  expect(faults.slice(0, 20)).toEqual([]);
});

test('an older vault under today’s names shows older snapshots and no wrong bytes', async () => {
  expect(
    (await judge({ ...vault, truth: new Map([...vault.truth].slice(0, 1)) }, vault.older)).filter(
      (fault) => fault !== 'nobody noticed',
    ),
  ).toEqual([]);
});
