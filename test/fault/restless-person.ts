import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../../engine/base/index.ts';

/** Somebody who makes, edits, renames, moves and deletes files without a pause, as editors and programs do it. */
export type RestlessPerson = {
  /** Does one thing; says what. */
  act(): string;
};

export function restlessPerson(folder: string, random: Random): RestlessPerson {
  mkdirSync(folder, { recursive: true });
  let made = 0;
  const pick = <T>(from: readonly T[]): T | undefined => from[random.integer(Math.max(1, from.length))];
  const noise = (): Uint8Array => random.bytes(1 + random.integer(random.integer(20) === 0 ? 3_000_000 : 20_000));
  const newName = (): string => `${random.integer(3) === 0 ? 'Bericht ä ' : 'file-'}${made++}`;
  const anyFolder = (): string => pick(foldersIn(folder)) ?? folder;

  const deeds: Readonly<Record<string, () => void>> = {
    make: () => writeFileSync(join(anyFolder(), newName()), noise()),
    makeMany() {
      const into = join(anyFolder(), newName());
      mkdirSync(into);
      for (let count = random.integer(30); count >= 0; count--) writeFileSync(join(into, newName()), noise());
    },
    append: () => withFile(folder, random, (path) => appendFileSync(path, noise())),
    /** In place: same length, other bytes. */
    overwrite: () =>
      withFile(folder, random, (path) => {
        const { size } = statSync(path);
        if (size === 0) return;
        const fd = openSync(path, 'r+');
        writeSync(fd, random.bytes(1), 0, 1, random.integer(size));
        closeSync(fd);
      }),
    truncate: () => withFile(folder, random, (path) => truncateSync(path, Math.floor(statSync(path).size / 2))),
    /** As editors save: another file takes the name. */
    save: () =>
      withFile(folder, random, (path) => {
        writeFileSync(`${path}.tmp~`, noise());
        renameSync(`${path}.tmp~`, path);
      }),
    rename: () => withFile(folder, random, (path) => renameSync(path, join(dirname(path), newName()))),
    move: () => withFile(folder, random, (path) => renameSync(path, join(anyFolder(), newName()))),
    moveFolder() {
      const from = anyFolder();
      const into = anyFolder();
      if (from === folder || into === from || into.startsWith(`${from}/`)) return;
      renameSync(from, join(into, newName()));
    },
    delete: () => withFile(folder, random, (path) => rmSync(path)),
    deleteFolder() {
      const gone = anyFolder();
      // Not too often, or nothing is left to lose.
      if (gone !== folder && random.integer(4) === 0) rmSync(gone, { recursive: true });
    },
  };
  const names = Object.keys(deeds);
  return {
    act() {
      const name = pick(names) ?? 'make';
      deeds[name]?.();
      return name;
    },
  };
}

function foldersIn(folder: string): string[] {
  return [
    folder,
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name)),
  ];
}

function withFile(folder: string, random: Random, work: (path: string) => void): void {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const file = files[random.integer(Math.max(1, files.length))];
  if (file === undefined) return;
  const path = join(file.parentPath, file.name);
  if (existsSync(path)) work(path);
}
