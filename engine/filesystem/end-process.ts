import { createRequire } from 'node:module';
import process from 'node:process';

/**
 * Ends the process now. Node's own way first waits for its threads, and one that waits for a drive which never answers
 * would keep it for ever.
 */
export function endProcess(code: number): never {
  try {
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    koffi.load(null).func('void _exit(int)')(code);
  } catch {
    // No such function can be called here.
  }
  process.kill(process.pid, 'SIGKILL');
  throw new Error('the process goes on after its end');
}

/** Whether calls of the file system are under way that others may have to wait for. */
export const hasOpenCalls = (): boolean => process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq'));
