// The folder that is watched: many small text files, fifty to a folder, as a person's documents and projects are.
import { closeSync, mkdirSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { createNoise } from '../random.ts';

const filesPerFolder = 50;
const areas = 40;
/** After so many a signal is heard. */
const filesPerTurn = 1_000;
const blockBytes = 8 * 2 ** 20;
/** In 2024: old enough that no program distrusts it as "just changed". */
const oldSeconds = 1_710_000_000;

export const pathOfFile = (root: string, index: number): string => {
  const folder = Math.floor(index / filesPerFolder);
  return join(root, `area-${folder % areas}`, `topic-${folder}`, `note-${index % filesPerFolder}.txt`);
};

export const makeTree = async (root: string, files: number, signal?: AbortSignal): Promise<void> => {
  for (let index = 0; index < files; index += 1) {
    if (index % filesPerTurn === 0) {
      await turn();
      signal?.throwIfAborted();
    }
    const path = pathOfFile(root, index);
    if (index % filesPerFolder === 0) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `Note ${index}. ${'What was said. '.repeat(index % 20)}\n`);
    utimesSync(path, oldSeconds + (index % 1000), oldSeconds + (index % 1000));
  }
};

/** Bytes that no program can shorten or find again. */
export const makeBigFile = (path: string, bytes: number): void => {
  const noise = createNoise(path);
  const file = openSync(path, 'w');
  for (let left = bytes; left > 0; left -= blockBytes) writeSync(file, noise(Math.min(left, blockBytes)));
  closeSync(file);
};
