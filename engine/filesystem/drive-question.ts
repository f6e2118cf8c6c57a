import fs from 'node:fs/promises';
import process from 'node:process';
import { systemCode } from '../base/index.ts';
import { encodePath, joinPath } from './names.ts';
import type { WholeQuestion } from './port.ts';

/** O_NONBLOCK, so that a FIFO without a writer does not count as a drive that hangs. */
const { O_RDONLY, O_NONBLOCK = 0 } = fs.constants;

/** Resolves or rejects once the drive itself has answered, whatever it said; `statfs` is often answered from memory. */
export function answersWholly({ path, by }: WholeQuestion): Promise<void> {
  return by === 'write' ? write(path) : read(path);
}

/** Where a store keeps what is not finished yet, so that what a crash leaves of it is cleared away with the rest. */
async function write(folder: string): Promise<void> {
  const path = encodePath(joinPath(folder, `asked-${process.pid}`));
  const file = await fs.open(path, 'w', 0o600);
  try {
    await file.write('?');
    await file.sync();
  } finally {
    await file.close();
    await fs.unlink(path);
  }
}

async function read(path: string): Promise<void> {
  try {
    const folder = await fs.opendir(encodePath(path));
    try {
      await folder.read();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (systemCode(error) !== 'ENOTDIR') throw error;
    const file = await fs.open(encodePath(path), O_RDONLY | O_NONBLOCK);
    try {
      await file.read(Buffer.alloc(1), 0, 1, 0);
    } finally {
      await file.close();
    }
  }
}
