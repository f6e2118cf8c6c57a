import { systemCode } from '../base/index.ts';
import type { FileStat, FileSystem } from '../filesystem/index.ts';

/** What a path shows now. Null when it is not there, or cannot be asked: a disk that fails is no fault of the agent. */
export function statOf(fileSystem: FileSystem, path: string): FileStat | null {
  return orElse(null, () => fileSystem.lstatIfThere(path));
}

/** None where the folder is gone or may not be read. */
export function namesIn(fileSystem: FileSystem, folder: string): readonly string[] {
  return orElse([], () => fileSystem.list(folder));
}

function orElse<Answer>(otherwise: Answer, ask: () => Answer): Answer {
  try {
    return ask();
  } catch (error) {
    if (systemCode(error) === '') throw error;
    return otherwise;
  }
}
