import type { ErrorCode } from '../../base/index.ts';

/** A sealed object whose file lies in the spool of one place. */
export type Spooled = { readonly key: string; readonly bytes: number; readonly path: string };

export type UploadRecord = {
  readonly key: string;
  readonly bytes: number;
  /** Tries that failed. */
  readonly attempts: number;
  /** Why the last one failed. */
  readonly error: ErrorCode | null;
  /** No more tries until `unpark`. */
  readonly isParked: boolean;
};

/**
 * What is known of the objects on their way to one place. The files in the spool are the truth of what waits; these are facts
 * about them, may be lost at any time, and must not throw for what the world does (a full disk).
 */
export type UploadRecords = {
  list(): readonly UploadRecord[];
  /** An object that has a record already keeps it. */
  spooled(object: Spooled): void;
  sending(key: string): void;
  /** Back in the queue; tried again after the wait. */
  failed(key: string, tried: { readonly error: ErrorCode; readonly waitMs: number }): void;
  parked(key: string, error: ErrorCode): void;
  /** The place has it, or nothing waits under this key any more. */
  gone(key: string): void;
  /** Nothing is under way any more, and no wait counts that was begun before. */
  requeue(): void;
  /** What was parked is tried again from the beginning. */
  unpark(): void;
};

/** Records that end with the process: for a command that runs by itself. */
export function createMemoryRecords(): UploadRecords {
  const records = new Map<string, UploadRecord>();
  const change = (key: string, to: (record: UploadRecord) => UploadRecord): void => {
    const record = records.get(key);
    if (record !== undefined) records.set(key, to(record));
  };
  return {
    list: () => [...records.values()],
    spooled({ key, bytes }) {
      if (!records.has(key)) records.set(key, { key, bytes, attempts: 0, error: null, isParked: false });
    },
    sending: () => {},
    failed: (key, { error }) => change(key, (record) => ({ ...record, attempts: record.attempts + 1, error })),
    parked: (key, error) =>
      change(key, (record) => ({ ...record, attempts: record.attempts + 1, error, isParked: true })),
    gone: (key) => void records.delete(key),
    requeue: () => {},
    unpark() {
      for (const record of records.values()) {
        if (record.isParked) records.set(record.key, { ...record, attempts: 0, isParked: false });
      }
    },
  };
}
