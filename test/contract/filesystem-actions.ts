import { expect } from 'vitest';
import { utf8 } from '../../engine/base/index.ts';
import type { FileSystem } from '../../engine/filesystem/index.ts';

export function makeFile(fs: FileSystem, path: string, bytes: Uint8Array = utf8('some bytes')): void {
  const fd = fs.open(path, 'create', 0o600);
  fs.write(fd, bytes, 0);
  fs.close(fd);
}

export function readFile(fs: FileSystem, path: string): Uint8Array {
  const fd = fs.open(path, 'read');
  const bytes = new Uint8Array(fs.fstat(fd).size);
  expect(fs.read(fd, bytes, 0)).toBe(bytes.length);
  fs.close(fd);
  return bytes;
}

export function expectCode(action: () => unknown, code: string): void {
  let thrown: unknown = 'nothing was thrown';
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code });
}
