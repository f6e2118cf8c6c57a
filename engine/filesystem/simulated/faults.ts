/** When calls of the simulated file system fail: counted, by name and path, so that a test can try every one. */
import type { FileSystem } from '../port.ts';
import type { SystemErrorCode } from '../system-error.ts';

export type CallName = Exclude<keyof FileSystem, 'support' | 'answers' | 'answersWholly' | 'mountsThatMayHang'>;

export type FaultOptions = {
  /** Only these calls are counted; all calls otherwise. */
  readonly calls?: readonly CallName[];
  /** Only calls on paths for which this is true are counted. */
  readonly path?: (path: string) => boolean;
  /** How many counted calls in a row fail; 1 otherwise. */
  readonly times?: number;
};

type Fault = { readonly options: FaultOptions; readonly code: SystemErrorCode | 'power'; skip: number; left: number };

export class Faults {
  /** Calls since the file system was made, failed ones too. */
  calls = 0;
  #planned: Fault[] = [];

  add(count: number, code: Fault['code'], options: FaultOptions): void {
    this.#planned.push({ options, code, skip: count - 1, left: options.times ?? 1 });
  }

  clear(): void {
    this.#planned = [];
  }

  /** What this call meets, if anything. */
  next(call: CallName, path: string): Fault['code'] | null {
    this.calls++;
    let met: Fault['code'] | null = null;
    for (const fault of this.#planned) {
      const { calls, path: concerns } = fault.options;
      if ((calls && !calls.includes(call)) || (concerns && !concerns(path)) || fault.left === 0) continue;
      if (fault.skip-- > 0) continue;
      fault.left--;
      met ??= fault.code;
    }
    return met;
  }
}
