import { createRequire } from 'node:module';
import process from 'node:process';

/**
 * Functions of the libraries that are part of Node itself (OpenSSL, zstd), called directly through koffi: from the caller's
 * array into the caller's array, where Node's own functions allocate and copy several times. Only a matter of speed: what is
 * bound here has a counterpart made of Node's own functions, is compared with it before it is used, and where a name is missing
 * (Electron exports none of them) the counterpart serves.
 */
export type NativeCall = (...values: readonly unknown[]) => unknown;

/** What C holds for this thread is given back when the thread ends. */
export function whenThreadEnds(giveBack: () => void): void {
  process.once('exit', giveBack);
}

/** Throws where there is no koffi for this processor, or no such name in this program. */
export function bindNative<Name extends string>(
  signatures: Readonly<Record<Name, string>>,
): Readonly<Record<Name, NativeCall>> {
  const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
  const library = koffi.load(null);
  const calls = Object.entries<string>(signatures).map(([name, signature]) => [name, library.func(signature)]);
  return Object.fromEntries(calls) as Record<Name, NativeCall>; // one entry for each signature
}
