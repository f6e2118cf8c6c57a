import { createRequire } from 'node:module';
import process from 'node:process';

/**
 * Ends the process now. Node's own way first waits for its threads, and one that waits for a drive which never answers
 * would keep it for ever.
 */
export function endProcess(code: number): never {
  try {
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    const system = koffi.load(null);
    // Looked up before all is closed, since a look-up may need what is open.
    const exit = system.func('void _exit(int)');
    closeAll(system);
    exit(code);
  } catch {
    // No such function can be called here.
  }
  process.kill(process.pid, 'SIGKILL');
  throw new Error('the process goes on after its end');
}

/**
 * Locks, sockets and the journal, which the next process needs. A thread that the system itself cannot stop would hold them
 * for as long as its drive says nothing: a process that has ended keeps what is open until its last thread has.
 */
function closeAll(system: ReturnType<typeof import('koffi')['load']>): void {
  try {
    system.func('int close_range(unsigned int, unsigned int, int)')(firstOfOwn, 0xffff_ffff, 0);
  } catch {
    // Linux has it, with a C library of these days.
  }
}

/** After standard input, output and error. */
const firstOfOwn = 3;

/** Whether calls of the file system are under way that others may have to wait for. */
export const hasOpenCalls = (): boolean => process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq'));
