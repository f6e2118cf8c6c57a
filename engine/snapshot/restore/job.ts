import { assert, chunkIdBytes, type PackId } from '../../base/index.ts';
import { type FileStat, nameBytes } from '../../filesystem/index.ts';
import { entryKinds, type TreeEntry } from '../../format/index.ts';

/**
 * What travels between the coordinator and its workers: columns of numbers and a few strings for a whole group of
 * entries, never an object for each chunk, and never bytes of files.
 */

/** What a worker does about an entry. */
export const actions = {
  /** Everything: create, write all its chunks, set metadata, give it its name. */
  whole: 0,
  /** Write these chunks into the temporary file that is there already. */
  part: 1,
  /** All chunks are in: set metadata, give it its name. */
  finish: 2,
  /** Another name of a file that is done. */
  link: 3,
  /** Tell whether the file that is there has this content. */
  compare: 4,
  /** The same for a file that this restore wrote before it was interrupted; then finish it. */
  adopt: 5,
} as const;
export type Action = keyof typeof actions;
const actionNames = Object.keys(actions) as Action[]; // the keys of a constant

export const outcomes = { failed: 0, done: 1, different: 2, part: 3 } as const;

/** Metadata and place of one entry, as the worker needs it. */
export type Task = {
  /** In the order of the walk: what its hidden names are made of. */
  readonly number: number;
  readonly folder: string;
  readonly name: string;
  readonly kind: TreeEntry['kind'];
  readonly action: Action;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  readonly size: number;
  readonly major: number;
  readonly minor: number;
  /** What has its name now is moved aside. */
  readonly replaces: boolean;
  /** What has its name now is an earlier try of this restore: it goes, unless somebody changed it. */
  readonly redoes: boolean;
  /** Chunks of this task in the job's `ids`, from `firstChunk` on. */
  readonly firstChunk: number;
  readonly chunks: number;
  readonly extra: Extra | undefined;
};

/** What few entries have. */
export type Extra = {
  readonly xattrs?: readonly { readonly name: Uint8Array; readonly value: Uint8Array }[];
  readonly holes?: readonly number[];
  /** Of a symbolic link, or the file that a hard link leads to. */
  readonly target?: Uint8Array;
};

const width = 14;
const taskFlags = { replaces: 1, redoes: 2 } as const;

export type RestoreJob = {
  /** Where all chunks of this job are; null where there are none to read. */
  readonly pack: { readonly id: PackId; readonly directory: Uint8Array } | null;
  readonly folders: readonly string[];
  /** Joined by `/`, which no name holds. */
  readonly names: string;
  readonly rows: Float64Array;
  readonly ids: Uint8Array;
  /** For each chunk its offset in the file, -1: behind the one before it. For comparing: its length. */
  readonly spans: Float64Array;
  readonly extras: ReadonlyMap<number, Extra>;
};

export type JobNote = {
  readonly task: number;
  /** Why it failed. */
  readonly code?: string;
  /** Chunks (numbers in `ids`) that could not be read: another copy may do. */
  readonly damaged?: readonly number[];
  /** It got another name, because its own was taken. */
  readonly name?: string;
  readonly remark?: string;
};

export const outcomeWidth = 8;

export type JobOutput = {
  /** Per task: outcome, then of what was made: device, inode, size, mtime, ctime. */
  readonly rows: Float64Array;
  readonly notes: readonly JobNote[];
};

export function notesByTask(notes: readonly JobNote[]): Map<number, JobNote[]> {
  const byTask = new Map<number, JobNote[]>();
  for (const note of notes) {
    const known = byTask.get(note.task);
    if (known === undefined) byTask.set(note.task, [note]);
    else known.push(note);
  }
  return byTask;
}

/** Gathers tasks of one job. */
export class JobDraft {
  readonly pack: RestoreJob['pack'];
  readonly #folders = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #rows: number[] = [];
  readonly #ids: Uint8Array[] = [];
  readonly #spans: number[] = [];
  readonly #extras = new Map<number, Extra>();

  constructor(pack: RestoreJob['pack']) {
    this.pack = pack;
  }

  get tasks(): number {
    return this.#names.length;
  }

  get chunks(): number {
    return this.#spans.length;
  }

  add(task: Omit<Task, 'firstChunk' | 'chunks'>, ids: Uint8Array, spans: readonly number[] | number): void {
    let folder = this.#folders.get(task.folder);
    if (folder === undefined) {
      folder = this.#folders.size;
      this.#folders.set(task.folder, folder);
    }
    if (task.extra !== undefined) this.#extras.set(this.#names.length, task.extra);
    this.#names.push(task.name);
    const chunks = ids.length / chunkIdBytes;
    const { number, mode, uid, gid, mtimeSeconds, mtimeNanoseconds, size, major, minor } = task;
    const kind = entryKinds.indexOf(task.kind);
    const flags = (task.replaces ? taskFlags.replaces : 0) | (task.redoes ? taskFlags.redoes : 0);
    this.#rows.push(number, folder, kind, actions[task.action], mode, uid, gid, mtimeSeconds, mtimeNanoseconds, size);
    this.#rows.push(major, minor, flags, chunks);
    if (chunks > 0) this.#ids.push(ids);
    if (typeof spans === 'number') for (let chunk = 0; chunk < chunks; chunk++) this.#spans.push(spans);
    else for (const span of spans) this.#spans.push(span);
  }

  job(): RestoreJob {
    const ids = new Uint8Array(this.chunks * chunkIdBytes);
    let at = 0;
    for (const part of this.#ids) {
      ids.set(part, at);
      at += part.length;
    }
    assert(at === ids.length, 'a span for each chunk');
    return {
      pack: this.pack,
      folders: [...this.#folders.keys()],
      names: this.#names.join('/'),
      rows: Float64Array.from(this.#rows),
      ids,
      spans: Float64Array.from(this.#spans),
      extras: this.#extras,
    };
  }
}

export function tasksOf(job: RestoreJob): Task[] {
  if (job.rows.length === 0) return [];
  let firstChunk = 0;
  return job.names.split('/').map((name, task) => {
    const at = task * width;
    const value = (column: number): number => job.rows[at + column] ?? 0;
    const chunks = value(13);
    firstChunk += chunks;
    return {
      number: value(0),
      folder: job.folders[value(1)] ?? '',
      name,
      kind: entryKinds[value(2)] ?? 'file',
      action: actionNames[value(3)] ?? 'whole',
      mode: value(4),
      uid: value(5),
      gid: value(6),
      mtimeSeconds: value(7),
      mtimeNanoseconds: value(8),
      size: value(9),
      major: value(10),
      minor: value(11),
      replaces: (value(12) & taskFlags.replaces) !== 0,
      redoes: (value(12) & taskFlags.redoes) !== 0,
      firstChunk: firstChunk - chunks,
      chunks,
      extra: job.extras.get(task),
    };
  });
}

/** The parts of an entry that go into a task. */
export function taskFields(
  entry: TreeEntry,
): Omit<Task, 'number' | 'folder' | 'name' | 'action' | 'replaces' | 'redoes' | 'firstChunk' | 'chunks'> {
  const isDevice = entry.kind === 'charDevice' || entry.kind === 'blockDevice';
  return {
    kind: entry.kind,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    mtimeSeconds: entry.mtime.seconds,
    mtimeNanoseconds: entry.mtime.nanoseconds,
    size: entry.kind === 'file' ? entry.size : 0,
    major: isDevice ? entry.major : 0,
    minor: isDevice ? entry.minor : 0,
    extra: extraOf(entry),
  };
}

/** Copies: an entry's fields are views into its whole listing. */
function extraOf(entry: TreeEntry): Extra | undefined {
  const holes = entry.kind === 'file' ? entry.holes : undefined;
  const target = entry.kind === 'symlink' ? entry.target : undefined;
  if (entry.xattrs === undefined && holes === undefined && target === undefined) return undefined;
  return {
    ...(entry.xattrs === undefined
      ? {}
      : { xattrs: entry.xattrs.map(({ name, value }) => ({ name: name.slice(), value: value.slice() })) }),
    ...(holes === undefined ? {} : { holes }),
    ...(target === undefined ? {} : { target: target.slice() }),
  };
}

export function linkExtra(path: string): Extra {
  return { target: nameBytes(path) };
}

export function writeOutcome(rows: Float64Array, task: number, outcome: number, stat: FileStat | null): void {
  let at = task * outcomeWidth;
  rows[at++] = outcome;
  if (stat === null) return;
  rows[at++] = stat.device;
  rows[at++] = stat.inode;
  rows[at++] = stat.size;
  rows[at++] = stat.mtimeSeconds;
  rows[at++] = stat.mtimeNanoseconds;
  rows[at++] = stat.ctimeSeconds;
  rows[at] = stat.ctimeNanoseconds;
}
