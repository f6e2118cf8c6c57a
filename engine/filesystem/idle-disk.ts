import { loadLibrary } from './native.ts';

/** The C library has no function for it. */
const ioprioSet: Readonly<Record<string, number>> = { x64: 251, arm64: 30 };
const ofThisThread = { who: 1, id: 0 };
const idleClass = 3 << 13;

/**
 * From now on this thread reads and writes only when the disk has nothing else to do, where the disk's scheduler knows such
 * turns. False where the system cannot be told.
 */
export function useIdleDisk(): boolean {
  const number = ioprioSet[process.arch];
  const call = loadLibrary()?.find('syscall') ?? null;
  if (call === null || number === undefined) return false;
  return call(number, ofThisThread.who, ofThisThread.id, idleClass) === 0;
}
