import { describe, expect, test } from 'vitest';
import type { Engine, Space } from '../../../engine/hosts/engine.ts';
import { widthOf } from '../../../engine/hosts/text/width.ts';
import { coffer, fakeEngine, type RecordedStream, recordStream, spaceOf } from './support.ts';

async function shown(args: readonly string[], found: Space, out: RecordedStream = recordStream({ isTerminal: true })) {
  const asked: Parameters<Engine['measureSpace']>[1][] = [];
  const measureSpace: Engine['measureSpace'] = async (_, options) => {
    asked.push(options);
    return found;
  };
  const { exit, err } = await coffer(['space', '--store', '/v', ...args], {
    engine: async () => fakeEngine({ measureSpace }),
    environment: { COFFER_PASSPHRASE: 'right', NO_COLOR: '1' },
    out,
  });
  return { exit, err, lines: out.lines(), asked: asked[0] };
}

const amount = (storedBytes: number) => ({ bytes: 2 * storedBytes, storedBytes });
const partOf = (name: string, storedBytes = 1000): Space['parts'][number] => ({
  ...{ name, host: null, direct: false, snapshots: 3 },
  ...{ unique: amount(storedBytes), shared: amount(40_000_000_000) },
});
const place = { storedBytes: 1_000_000, otherBytes: 10_000, packs: 9, neededPacks: 9, neededBytes: 990_000 };

describe('what takes the space', () => {
  test('of the whole says what snapshots need, what nothing needs, and what lists take', async () => {
    const parts = [partOf('day'), partOf('older')];
    const whole = spaceOf({ by: 'age', exact: false, place, parts });
    const { lines, asked } = await shown([], whole);
    expect([asked?.by, asked?.path]).toEqual([undefined, undefined]);
    expect(lines.slice(0, 6)).toEqual([
      '1 snapshot, 1 MB at this place.',
      '  needed      990 kB in 9 packs, 84.1 MB as files',
      '  lists       10 kB: which snapshot has what, and where it lies',
      '',
      'age of snapshots  snapshots  only here  as files  shared  as files',
      'up to a day               3       1 kB      2 kB   40 GB     80 GB',
    ]);
    expect(lines.join(' ')).toContain('Counted in whole packs;');
    const forgotten = { ...place, neededPacks: 6, neededBytes: 700_000 };
    expect((await shown([], { ...whole, place: forgotten })).lines).toContain('  not needed  290 kB in 3 packs');
  });

  test('of a folder says in how many snapshots it stands and what comes free without it', async () => {
    const parts = [partOf('/home/anna/in'), { ...partOf('/home/anna'), direct: true }];
    const { lines, asked } = await shown(['/home/anna'], spaceOf({ by: 'folder', path: '/home/anna', parts }));
    expect(asked?.path).toBe('/home/anna');
    expect(lines.slice(0, 4)).toEqual([
      '/home/anna',
      '  stands in  1 of 1 snapshot',
      '  only here  31.7 MB, 84.1 MB as files: comes free if it goes from all of them',
      '  shared     0 B, 0 B as files: needed elsewhere too',
    ]);
    expect(lines.slice(5, 8).map((line) => line.split('  ')[0])).toEqual(['folder', 'in', 'its own files']);
  });

  test('of one file says how many contents it had, and nothing twice', async () => {
    const found = spaceOf({ by: 'folder', path: '/a', versions: 2, parts: [partOf('/a')] });
    const { lines } = await shown(['/a'], found);
    expect(lines).toHaveLength(4);
    expect(lines[1]).toBe('  stands in  1 of 1 snapshot, with 2 different contents');
  });

  test('names the computer of a source only where there are several', async () => {
    const one = { ...partOf('/home/anna'), host: 'desk' };
    expect((await shown(['--by', 'source'], spaceOf({ parts: [one] }))).lines[3]).toMatch(/^\/home\/anna /);
    const { lines } = await shown(['--by', 'source'], spaceOf({ parts: [one, { ...one, host: 'lap' }] }));
    expect(lines.slice(3, 5).map((line) => line.split('  ')[0])).toEqual(['desk: /home/anna', 'lap: /home/anna']);
  });

  test('shows the 20 largest parts, or with --all every one', async () => {
    const parts = Array.from({ length: 30 }, (_, at) => partOf(`/data/${at}`));
    const found = spaceOf({ by: 'folder', parts });
    const few = await shown(['--by', 'folder'], found);
    expect(few.lines.filter((line) => line.startsWith('/data/'))).toHaveLength(20);
    expect(few.lines).toContain('10 smaller ones; to see them too: --all');
    const all = await shown(['--by', 'folder', '--all'], found);
    expect(all.lines.filter((line) => line.startsWith('/data/'))).toHaveLength(30);
  });

  test('fits into 80 columns, and is not cut in a pipe', async () => {
    const long = `/home/anna/${'a long name/'.repeat(12)}end`;
    const found = spaceOf({ by: 'folder', parts: [partOf(long, 999_000_000_000), partOf('/b')] });
    const { lines } = await shown(['--by', 'folder'], found);
    for (const line of lines) expect(widthOf(line), line).toBeLessThanOrEqual(80);
    expect(lines.find((line) => line.includes('…'))).toMatch(/end +3 /);
    const piped = await shown(['--by', 'folder'], found, recordStream());
    expect(piped.lines.some((line) => line.startsWith(`${long}  `))).toBe(true);
  });

  test('says that figures lack what cannot be read', async () => {
    const { exit, err } = await shown(['--by', 'age'], spaceOf({ by: 'age', lost: 2 }));
    expect(exit).toBe(4);
    expect(err).toContain('Some of the vault cannot be read, and the figures lack it.');
  });
});
