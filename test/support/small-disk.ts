import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** A real file system that can be full, grow, and be read-only. Needs root; null where even root may not mount. */
export type SmallDisk = {
  readonly path: string;
  resize(megabytes: number): void;
  readOnly(): void;
  writable(): void;
  unmount(): void;
};

export function mountSmallDisk(path: string, megabytes: number): SmallDisk | null {
  const mount = (...args: readonly string[]): void => void execFileSync('mount', args, { stdio: 'pipe' });
  try {
    mkdirSync(path, { recursive: true });
    mount('-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'coffer-test', path);
  } catch {
    return null;
  }
  return {
    path,
    resize: (size) => mount('-o', `remount,size=${size}m`, path),
    readOnly: () => mount('-o', 'remount,ro', path),
    writable: () => mount('-o', 'remount,rw', path),
    unmount: () => void execFileSync('umount', ['-l', path], { stdio: 'pipe' }),
  };
}
