import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadLibrary } from './native.ts';

/**
 * Gives memory that is free back to the system. For a process that works for a second and then rests for hours: what the
 * heaps of ended threads, tables and buffers took stays with the C library otherwise (glibc gives back only what lies at an
 * end of an arena), and arrays outside V8's heap stay until a collection, which nothing asks for in an idle process.
 * It takes about 20 ms.
 */
export function createMemoryReturn(): () => void {
  const trim = loadLibrary()?.find('malloc_trim') ?? null;
  const collect = collector();
  return () => {
    collect();
    trim?.(0);
  };
}

/** As with `--expose-gc`, which as a flag of the program would cost every thread the compiled code that Node brings along. */
function collector(): () => void {
  v8.setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  v8.setFlagsFromString('--no-expose-gc');
  return collect;
}
