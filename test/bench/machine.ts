import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, release, type as systemName, totalmem } from 'node:os';

/** Where the figures were measured; without it they mean little. */
export type Machine = {
  readonly date: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryBytes: number;
  readonly system: string;
  readonly fileSystem: string;
  /** Bytes a second, durable. */
  readonly writeRate: number;
};

const fileSystemOf = (folder: string): string => {
  const { status, stdout } = spawnSync('stat', ['-f', '-c', '%T', folder], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'unknown file system';
};

export const describeMachine = (folder: string, writeRate: number): Machine => ({
  date: new Date().toISOString().slice(0, 10),
  cores: availableParallelism(),
  processor: cpus()[0]?.model ?? 'an unknown processor',
  memoryBytes: totalmem(),
  system: `${systemName()} ${release()}`,
  fileSystem: fileSystemOf(folder),
  writeRate,
});
