import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Computer, makeComputer } from '../support/coffer.ts';

type Listed = { readonly id: string; readonly pinned: boolean; readonly forgotten: { readonly reason: string } | null };
type Forgot = {
  readonly applied: boolean;
  readonly forgotten: string[];
  readonly kept: { id: string; reasons: string[] }[];
};

describe('a vault whose old snapshots go', () => {
  let computer: Computer;
  let all: string[];
  const snapshots = async (...more: string[]): Promise<Listed[]> => computer.json(['snapshots', ...more]);
  const idsNow = async (...more: string[]): Promise<string[]> => (await snapshots(...more)).map(({ id }) => id);

  beforeAll(async () => {
    computer = await makeComputer('coffer-forget');
    mkdirSync(computer.at('files'));
    for (let version = 0; version < 4; version++) {
      writeFileSync(computer.at('files', 'report'), `version ${version}`);
      await computer.json(['backup', computer.at('files')]);
    }
    all = await idsNow();
  });
  afterAll(() => computer.remove());

  test('says what would go and does nothing, without a person or --yes', async () => {
    const planned = await computer.json<Forgot>(['forget', '--keep-last', '2', '--plan']);
    expect(planned).toMatchObject({ applied: false, forgotten: [all[1], all[0]] });
    expect(planned.kept).toEqual([
      { id: all[3], reasons: ['newest', 'last'] },
      { id: all[2], reasons: ['last'] },
    ]);
    const refused = await computer.coffer(['forget', '--keep-last', '2']);
    expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining('Nothing was forgotten')]);
    expect(await idsNow()).toEqual(all);
  });

  test('keeps what is pinned', async () => {
    await computer.json(['pin', (all[0] ?? '').slice(0, 8), '--reason', 'the first']);
    expect((await snapshots()).map(({ pinned }) => pinned)).toEqual([true, false, false, false]);
    expect((await computer.coffer(['snapshots'])).out).toContain('(pinned)');
    expect(await computer.json(['forget', '--keep-last', '2', '--yes'])).toMatchObject({
      applied: true,
      forgotten: [all[1]],
    });
    expect(await idsNow()).toEqual([all[0], all[2], all[3]]);
    expect((await computer.coffer(['forget', all[0] ?? '', '--yes'])).err).toContain('is pinned');
  });

  test('lists what is forgotten and why, also to another computer, which brings it back', async () => {
    expect(await snapshots('--forgotten')).toMatchObject([{ id: all[1], forgotten: { reason: '--keep-last 2' } }]);
    const other = computer.another('other-home');
    expect(await other.json(['unforget'])).toEqual({ broughtBack: [] });
    expect(await other.json(['unforget', (all[1] ?? '').slice(0, 8)])).toEqual({ broughtBack: [all[1]] });
    expect(await idsNow()).toEqual(all);
    expect(await idsNow('--forgotten')).toEqual([]);
  });

  test('takes its last forget back without a name, and everything restores', async () => {
    await computer.json(['unpin', all[0] ?? '']);
    await computer.json(['forget', all[0] ?? '', all[2] ?? '', '--yes', '--reason', 'by name']);
    expect(await idsNow()).toEqual([all[1], all[3]]);
    expect(await computer.json(['unforget'])).toEqual({ broughtBack: [all[0], all[2]] });
    expect(await idsNow()).toEqual(all);
    for (const [version, id] of all.entries()) {
      const { out } = await computer.coffer(['cat', id, computer.at('files', 'report')]);
      expect(out).toBe(`version ${version}`);
    }
    expect(await computer.json(['check', '--read-data'])).toMatchObject({ whole: true });
  });
});
