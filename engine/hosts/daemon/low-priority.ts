import { setPriority } from 'node:os';

/** What a person does at the computer comes first. Threads that are made later inherit it. */
export function lowerPriority(platform: string): void {
  if (platform !== 'linux') return;
  try {
    setPriority(10);
  } catch {
    // It was started with an even lower one, and may not raise it.
  }
}
