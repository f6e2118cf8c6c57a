import { describe, expect, test } from 'vitest';
import { snapshotId } from '../../../engine/base/index.ts';
import type { Engine } from '../../../engine/hosts/engine.ts';
import { coffer, fakeEngine, recordStream, snapshot, typing, vault } from './support.ts';

const old = { ...snapshot, id: snapshotId('0a1b2c3d'.repeat(8)) };
const environment = { COFFER_STORE: '/v', COFFER_PASSPHRASE: 'right' };

/** Two snapshots, of which one goes; says what became of it. */
function parts(answer: string | null) {
  const changes: unknown[] = [];
  const modes: string[] = [];
  const engine: Partial<Engine> = {
    openVault: async (_, { mode, secret }) => {
      modes.push(mode);
      await secret(vault.id);
      return { ...vault, snapshots: [old, snapshot] };
    },
    planRetention: async () => ({
      groups: [
        {
          judged: [
            { snapshot, reasons: ['newest', 'daily', 'within'] },
            { snapshot: old, reasons: [] },
          ],
        },
      ],
      notKnownLong: 1,
    }),
    changeSnapshots: async (_, ...change) => {
      changes.push(change);
      return [];
    },
  };
  const host = {
    environment,
    engine: async () => fakeEngine(engine),
    out: recordStream({ isTerminal: true }),
    err: recordStream({ isTerminal: true }),
    ...(answer === null ? {} : { keyboard: typing(answer) }),
  };
  return { host, changes, modes };
}

describe('coffer forget', () => {
  test('shows what would go and why the rest stays, and changes nothing', async () => {
    const { host, changes } = parts(null);
    const { exit, out } = await coffer(['forget', '--keep-daily', '1', '--plan'], host);
    expect(exit).toBe(0);
    expect(out).toMatch(
      new RegExp(
        [
          'Would go: 1 of 2 snapshots',
          '  This computer has not known 1 of them so long, and trusts no clock: it stays\\.',
          '  Nothing else needs 31\\.7 MB of the place\\. It stays there for now\\.',
          '',
          'laptop, /home/anna/Documents: 1 of 2 stay',
          '  snapshot  finished',
          '  7f3a91c2  [-0-9 :]{16}  stays: newest, day, not old enough',
          '  0a1b2c3d  [-0-9 :]{16}  goes',
          '$',
        ].join('\n'),
      ),
    );
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(changes).toEqual([]);
  });

  test.each(['n\r', '\r', 'yesterday\r'])('forgets nothing when the person answers %j', async (answer) => {
    const { host, changes, modes } = parts(answer);
    const { exit, out, err } = await coffer(['forget', '--keep-daily', '1'], host);
    expect([exit, changes, modes]).toEqual([0, [], ['read']]);
    expect(err).toContain('Forget it? [y/N]');
    expect(out).toContain('Nothing was forgotten.');
  });

  test('holds no lock while it asks, and asks for the secret once', async () => {
    const { host, changes, modes } = parts('y\r');
    const { exit, out } = await coffer(['forget', '--keep-daily', '1', '--keep-tag', 'a'], host);
    expect([exit, modes]).toEqual([0, ['read', 'write']]);
    expect(changes).toEqual([['forget', [old.id], '--keep-daily 1 --keep-tag a']]);
    expect(out).toMatch(/Forgotten\..* To bring it back: coffer unforget/);
  });

  test.each([
    [['forget'], 'Say what to keep'],
    [['forget', 'latest', '--keep-last', '1'], 'not both'],
    [['forget', '--keep-last', '0'], '--keep-last needs a whole number'],
    [['forget', '--keep-within', 'soon'], '--keep-within needs a number of days'],
    [['unforget', '7f', '--all'], 'not both'],
  ])('refuses %j', async (args, message) => {
    const { host, changes } = parts(null);
    const { exit, err } = await coffer(args, host);
    expect([exit, changes]).toEqual([2, []]);
    expect(err).toContain(message);
  });
});
