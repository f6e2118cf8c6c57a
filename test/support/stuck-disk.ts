import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { systemClock } from '../../engine/base/index.ts';

/** A real file system that can hang: every call on it waits, as on a network drive whose server is gone. */
export type StuckDisk = {
  readonly path: string;
  hang(): void;
  goOn(): void;
  unmount(): void;
};

/** Shows `behind` at `path`, with options of bindfs such as a rate. Needs root, FUSE and bindfs; null where it cannot be had. */
export async function mountStuckDisk(
  path: string,
  behind: string,
  options: readonly string[] = [],
): Promise<StuckDisk | null> {
  for (const folder of [path, behind]) mkdirSync(folder, { recursive: true });
  const before = statSync(path).dev;
  const server = spawn('bindfs', ['-f', ...options, behind, path], { stdio: 'ignore' });
  let isOver = false;
  server.once('error', () => {
    isOver = true;
  });
  server.once('exit', () => {
    isOver = true;
  });
  for (let tries = 0; statSync(path).dev === before; tries++) {
    if (isOver || tries > 100) return null;
    await systemClock.sleep(50);
  }
  return {
    path,
    hang: () => void server.kill('SIGSTOP'),
    goOn: () => void server.kill('SIGCONT'),
    unmount() {
      server.kill('SIGCONT');
      if (!isOver) execFileSync('umount', ['-l', path], { stdio: 'pipe' });
      server.kill('SIGKILL');
    },
  };
}
