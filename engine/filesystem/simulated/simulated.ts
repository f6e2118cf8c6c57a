/**
 * A file system in memory for tests, with POSIX meaning for every call of the port, that forgets on a loss of power what a
 * disk may forget, fails when told, and fills up. The same seed and the same calls give the same faults.
 *
 * What is durable: a file's bytes and attributes after `sync`, a folder's entries after `syncFolder` (its own entry in its
 * parent needs the parent's), everything after `syncVolume`. It promises no more than POSIX does, so less than ext4.
 */
import type { FileSystem } from '../port.ts';
import { type SystemErrorCode, systemError } from '../system-error.ts';
import { changeCalls } from './change-calls.ts';
import { type CallName, type FaultOptions, Faults } from './faults.ts';
import { fileCalls } from './file-calls.ts';
import { createMachine, type Machine } from './machine.ts';
import { pathCalls } from './path-calls.ts';

export type SimulatedOptions = {
  readonly seed?: number;
  /** Bytes that files may take, in blocks of 4 KiB; no limit otherwise. */
  readonly capacity?: number;
};

export type SimulatedFileSystem = FileSystem & {
  /** Calls made so far; with `failAt` it lets a test fail each call of a run in turn. */
  readonly calls: number;
  /** Bytes that files take now. */
  readonly usedBytes: number;
  /** The n-th call from now (counted from 1) fails with this code. A failed sync also drops what was not synced. */
  failAt(count: number, code: SystemErrorCode, options?: FaultOptions): void;
  clearFaults(): void;
  setCapacity(capacity: number): void;
  /** Everything not durable may vanish or be torn; open files and locks are gone. */
  powerLoss(): void;
  /** The power goes at the n-th call from now: it and every later one fail until `restart`. */
  powerLossAt(count: number, options?: FaultOptions): void;
  /** The process ends and starts again: open files and locks are gone, nothing else. */
  restart(): void;
  /** Puts another volume at an existing empty folder. */
  mount(path: string, kind: string): void;
};

export function createSimulatedFileSystem(options: SimulatedOptions = {}): SimulatedFileSystem {
  const machine = createMachine(options.seed ?? 1, options.capacity ?? Number.POSITIVE_INFINITY);
  const faults = new Faults();
  const port = { ...pathCalls(machine), ...fileCalls(machine), ...changeCalls(machine) };
  return {
    support,
    // It never hangs, and is no call that could fail.
    answers: async () => {},
    answersWholly: async () => {},
    mountsThatMayHang: () => new Set(),
    ...withFaults(port, machine, faults),
    get calls() {
      return faults.calls;
    },
    get usedBytes() {
      return machine.usedBytes();
    },
    failAt: (count, code, faultOptions = {}) => faults.add(count, code, faultOptions),
    powerLossAt: (count, faultOptions = {}) => faults.add(count, 'power', faultOptions),
    clearFaults: () => faults.clear(),
    setCapacity: (capacity) => machine.setCapacity(capacity),
    powerLoss: () => machine.losePower(),
    restart: () => machine.restart(),
    mount: (path, kind) => machine.mount(path, kind),
  };
}

const support = {
  exactTimes: true,
  xattrs: true,
  holes: true,
  allocation: true,
  volumeSync: true,
  specialFiles: true,
  atomicNoReplace: true,
  systemLocks: true,
};

type Calls = Omit<FileSystem, 'support' | 'answers' | 'answersWholly' | 'mountsThatMayHang'>;
type AnyCall = (...values: readonly unknown[]) => unknown;

/** Puts the fault gate before each call. */
function withFaults(port: Calls, machine: Machine, faults: Faults): Calls {
  const gated: Partial<Record<CallName, AnyCall>> = {};
  for (const name of Object.keys(port) as CallName[]) {
    // The gate passes on whatever a call takes and returns.
    const call = port[name] as AnyCall;
    gated[name] = (...values) => {
      const [subject] = values;
      const path = typeof subject === 'number' ? machine.pathOf(subject) : String(subject);
      if (machine.isOff) throw systemError('ENODEV', name, path);
      const fault = faults.next(name, path);
      if (fault === 'power') {
        machine.switchOff();
        throw systemError('ENODEV', name, path);
      }
      if (fault) {
        beforeFailure(name, values, port, machine);
        throw systemError(fault, name, path);
      }
      return call(...values);
    };
  }
  return gated as Calls;
}

/** What a failing call leaves behind: a write some of its bytes, a sync none of those it should have kept. */
function beforeFailure(name: CallName, values: readonly unknown[], port: Calls, machine: Machine): void {
  const [fd, bytes, position] = values;
  if (name === 'write' && typeof fd === 'number' && bytes instanceof Uint8Array && typeof position === 'number') {
    port.write(fd, bytes.subarray(0, machine.random.integer(bytes.length + 1)), position);
  }
  if (name === 'sync' && typeof fd === 'number') machine.file(fd, name).node.content.dropUnsynced();
  if (name === 'syncVolume' || name === 'syncVolumeLater')
    for (const node of machine.tree.nodes()) node.content.dropUnsynced();
}
