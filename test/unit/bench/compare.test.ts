import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareTrees } from '../../bench/compare.ts';

const time = 1_700_000_000.25;

describe('the comparison of a restore', () => {
  let folder: string;
  let source: string;
  let target: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bench-compare-'));
    [source, target] = [join(folder, 'source'), join(folder, 'target')];
    mkdirSync(join(source, 'deep'), { recursive: true });
    writeFileSync(join(source, 'deep', 'file'), Buffer.alloc(3_000_000, 7));
    for (const path of ['deep/file', 'deep', '.']) utimesSync(join(source, path), time, time);
    cpSync(source, target, { recursive: true, preserveTimestamps: true });
    settleTimes();
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const settleTimes = (): void => {
    for (const path of ['deep', '.']) utimesSync(join(target, path), time, time);
  };

  const compare = (withTopTime = true): readonly string[] => compareTrees({ source, target, withTopTime });

  it('finds nothing in a true copy', () => {
    expect(compare()).toEqual([]);
  });

  it('finds one changed byte far inside a file', () => {
    const bytes = Buffer.alloc(3_000_000, 7);
    bytes[2_900_000] = 8;
    writeFileSync(join(target, 'deep', 'file'), bytes);
    utimesSync(join(target, 'deep', 'file'), time, time);
    expect(compare()).toEqual(['deep/file: content differs']);
  });

  it('finds a changed mode', () => {
    chmodSync(join(target, 'deep', 'file'), 0o600);
    expect(compare()).toEqual(['deep/file: mode differs']);
  });

  it('finds a changed time', () => {
    utimesSync(join(target, 'deep', 'file'), time, time + 0.5);
    expect(compare()).toEqual(['deep/file: time differs by 500000000 ns']);
  });

  it('leaves out the time of the top folder when asked, and no other', () => {
    for (const path of ['deep', '.']) utimesSync(join(target, path), time, time + 0.5);
    expect(compare(false)).toEqual(['deep: time differs by 500000000 ns']);
  });

  it('finds what is missing and what is too much', () => {
    rmSync(join(target, 'deep', 'file'));
    writeFileSync(join(target, 'extra'), '');
    settleTimes();
    expect(compare()).toEqual(['deep/file: is missing', 'extra: was never there']);
  });

  it('finds a restore that is not there at all', () => {
    rmSync(target, { recursive: true });
    expect(compare()).toEqual(['.: is missing']);
  });
});
