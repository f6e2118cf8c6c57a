import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { hasGnuTime, measure, ProgramFailed, parseGnuTime, parseProc } from '../../bench/measure.ts';
import { parseOptions } from '../../bench/options.ts';
import { objectionToBackup } from '../../bench/programs.ts';
import { rotated } from '../../bench/rounds.ts';

describe('the summary of a backup', () => {
  it('is accepted when no file failed, whatever was printed before', () => {
    expect(objectionToBackup('something\n{"snapshot":"a1","failed":0}\n')).toBeUndefined();
  });

  it.each(['', 'done', '[]', '{"failed":0}', '{"snapshot":"a1","failed":2}', '{"snapshot":"a1"}'])(
    '%j is refused',
    (stdout) => {
      expect(objectionToBackup(stdout)).toEqual(expect.any(String));
    },
  );
});

describe('the meter', () => {
  it('reads the account of GNU time, also below its remark about a failure', () => {
    expect(parseGnuTime('Command exited with non-zero status 1\n1.50 0.25 2048\n')).toEqual({
      cpuSeconds: 1.75,
      peakBytes: 2_097_152,
    });
    expect(() => parseGnuTime('')).toThrow();
  });

  it.runIf(process.platform === 'linux')('reads the account of /proc', () => {
    const usage = parseProc(readFileSync('/proc/self/status', 'utf8'), readFileSync('/proc/self/stat', 'utf8'));
    expect(usage.peakBytes).toBeGreaterThan(1e7);
    expect(usage.cpuSeconds).toBeGreaterThan(0);
  });

  it('reads /proc of a program with brackets and spaces in its name', () => {
    expect(parseProc('VmHWM:\t  100 kB\n', '7 (a) b) R 1 1 1 0 -1 0 0 0 0 0 150 50 0 0')).toEqual({
      cpuSeconds: 2,
      peakBytes: 102_400,
    });
  });

  const kinds = hasGnuTime() ? (['gnu-time', 'proc'] as const) : (['proc'] as const);
  describe.runIf(process.platform === 'linux').each(kinds)('with %s', (usage) => {
    const run = async (script: string, signal = new AbortController().signal) => {
      const folder = mkdtempSync(join(tmpdir(), 'bench-measure-'));
      const invocation = { command: process.execPath, args: ['-e', script], env: {}, cwd: folder };
      try {
        return await measure(invocation, { usage, folder, signal });
      } finally {
        rmSync(folder, { recursive: true });
      }
    };

    it('sees the memory that a program fills and the time that it takes', async () => {
      const { peakBytes, seconds } = await run('globalThis.block = Buffer.alloc(150e6, 1); setTimeout(() => {}, 200)');
      expect(peakBytes).toBeGreaterThan(150e6);
      expect(peakBytes).toBeLessThan(400e6);
      expect(seconds).toBeGreaterThan(0.2);
    });

    it('turns a failure into words', async () => {
      await expect(run('console.error("no such thing"); process.exit(3)')).rejects.toThrow(
        /ended with 3: no such thing/,
      );
      await expect(run('process.exit(1)')).rejects.toBeInstanceOf(ProgramFailed);
    });

    it('stops the program when the bench is stopped', async () => {
      const stop = new AbortController();
      const running = run('setInterval(() => {}, 1000)', stop.signal);
      stop.abort(new Error('stopped'));
      await expect(running).rejects.toThrow('stopped');
    });
  });
});

describe('the order of the programs', () => {
  it('moves on by one in each round', () => {
    expect([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
  });
});

describe('the options', () => {
  it('measure everything three times and write the results when none is given', () => {
    expect(parseOptions([])).toMatchObject({ isSmall: false, rounds: 3, writes: true });
  });

  it.each([['--small'], ['--only', 'big'], ['--peers', 'borg'], ['--rounds', '2'], ['--without-coffer']])(
    'write nothing with %s, which is not the whole',
    (...args) => {
      expect(parseOptions(args)).toMatchObject({ writes: false });
    },
  );

  it.each([['--only', 'huge'], ['--rounds', 'x'], ['--rounds', '0'], ['--nonsense'], ['word']])(
    'refuse %s %s',
    (...args) => {
      expect(() => parseOptions(args.filter((arg) => arg !== undefined))).toThrow();
    },
  );
});
