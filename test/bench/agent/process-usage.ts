// What a running process holds and has used, by the kernel's account.
import { readFileSync, writeFileSync } from 'node:fs';

export type Memory = {
  readonly residentBytes: number;
  /** What is shared with other processes counts in parts; the memory that would come free without it. */
  readonly proportionalBytes: number;
};

/** USER_HZ, which Linux has fixed at 100 for programs. */
const ticksPerSecond = 100;

const kibibytes = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024;

export const memoryOf = (pid: number): Memory => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return { residentBytes: kibibytes(text, 'Rss'), proportionalBytes: kibibytes(text, 'Pss') };
};

export const cpuSecondsOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The program's name, in brackets, may hold spaces; the fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};

/** The kernel's own peak since the last call of `forgetPeak`. */
export const peakBytesOf = (pid: number): number => kibibytes(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM');

export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** What it had written to disks, as the kernel counts it: whole pages, when they are first made dirty. */
export const writtenBytesOf = (pid: number): number =>
  Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? Number.NaN);
