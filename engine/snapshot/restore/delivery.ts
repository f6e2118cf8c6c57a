import { assert, systemCode } from '../../base/index.ts';
import { type FileSystem, joinPath } from '../../filesystem/index.ts';
import {
  type JobNote,
  type JobOutput,
  outcomes,
  outcomeWidth,
  type RestoreJob,
  type Task,
  writeOutcome,
} from './job.ts';
import type { Made, Maker } from './maker.ts';
import { remarks } from './metadata.ts';

/** Takes chunks in any order to the files that want them, and completes each file with its last chunk. */
export type Delivery = {
  /** The lengths of all chunks, once they are known: from them follow the offsets. */
  measure(lengths: Float64Array): void;
  bring(chunk: number, bytes: Uint8Array): void;
  lost(chunk: number, code: string): void;
  finish(): JobOutput;
  abandon(): void;
};

/** Of files that wait for more chunks; the oldest is closed and opened again when its next chunk comes. */
const openFilesMost = 64;
/** Written back behind the writer's heel, so that the sync at the end finds little to do. */
const writebackBytes = 1024 * 1024;

type State = {
  readonly task: Task;
  readonly index: number;
  left: number;
  failed: string | null;
  /** Chunks that this pack does not yield, and why. */
  readonly lost: number[];
  lostCode: string;
  created: boolean;
  /** What was written since the last hint to write back. */
  dirtyFrom: number;
  dirtyTo: number;
};

type Means = { readonly fileSystem: FileSystem; readonly maker: Maker };

export function createDelivery({ fileSystem, maker }: Means, tasks: readonly Task[], job: RestoreJob): Delivery {
  const states = tasks.map(
    (task, index): State => ({
      task,
      index,
      left: task.chunks,
      failed: null,
      lost: [],
      lostCode: '',
      created: false,
      dirtyFrom: 0,
      dirtyTo: 0,
    }),
  );
  const owner = new Uint32Array(job.spans.length);
  for (const [index, { firstChunk, chunks }] of tasks.entries()) owner.fill(index, firstChunk, firstChunk + chunks);
  const offsets = Float64Array.from(job.spans);
  const rows = new Float64Array(tasks.length * outcomeWidth);
  const notes: JobNote[] = [];
  const openFiles = new Map<State, number>();
  /** The target has no room: nothing else is tried in this job. */
  let full: string | null = null;

  const closeFile = (state: State): void => {
    const fd = openFiles.get(state);
    if (fd === undefined) return;
    openFiles.delete(state);
    if (state.dirtyTo > state.dirtyFrom)
      fileSystem.startWriteback(fd, state.dirtyFrom, state.dirtyTo - state.dirtyFrom);
    fileSystem.close(fd);
  };
  const fileOf = (state: State): number => {
    const known = openFiles.get(state);
    if (known !== undefined) return known;
    const [oldest] = openFiles.keys();
    if (openFiles.size >= openFilesMost && oldest !== undefined) closeFile(oldest);
    const isNew = state.task.action === 'whole' && !state.created;
    const fd = isNew ? maker.createPart(state.task) : fileSystem.open(maker.partPath(state.task), 'write');
    state.created = true;
    openFiles.set(state, fd);
    return fd;
  };
  const fail = (state: State, code: string): void => {
    if (code === 'ENOSPC' || code === 'EDQUOT') full = code;
    if (state.failed === null) {
      closeFile(state);
      if (state.task.action === 'whole' && state.created) maker.discard(maker.partPath(state.task));
    }
    state.failed ??= code;
  };
  /** Runs a step for a task; the world's refusals are the task's, anything else is ours. */
  const attempt = (state: State, step: () => void): void => {
    if (full !== null) return fail(state, full);
    try {
      step();
    } catch (error) {
      const code = systemCode(error);
      if (!/^E[A-Z0-9]+$/.test(code)) throw error;
      fail(state, code);
    }
  };
  const done = (state: State, made: Made): void => {
    const { index } = state;
    writeOutcome(rows, index, outcomes.done, made.stat);
    if (made.name !== null) notes.push({ task: index, name: made.name, remark: remarks.collision });
    if (made.remark !== null) notes.push({ task: index, remark: made.remark });
  };
  const complete = (state: State): void => {
    closeFile(state);
    if (state.task.action === 'whole') done(state, maker.finish(state.task));
  };
  const writeChunk = (state: State, offset: number, bytes: Uint8Array): void => {
    const fd = fileOf(state);
    maker.write(fd, state.task, offset, bytes);
    if (offset === state.dirtyTo) state.dirtyTo += bytes.length;
    else [state.dirtyFrom, state.dirtyTo] = [offset, offset + bytes.length];
    if (state.dirtyTo - state.dirtyFrom >= writebackBytes) {
      fileSystem.startWriteback(fd, state.dirtyFrom, state.dirtyTo - state.dirtyFrom);
      state.dirtyFrom = state.dirtyTo;
    }
  };
  return {
    measure(lengths) {
      for (const state of states) {
        const { firstChunk, chunks, action, size } = state.task;
        if (action !== 'whole') continue;
        let offset = 0;
        for (let chunk = firstChunk; chunk < firstChunk + chunks; chunk++) {
          offsets[chunk] = offset;
          offset += lengths[chunk] ?? 0;
        }
        // FORMAT.md section 13: the chunks' lengths must add up to the size.
        if (offset !== size && state.failed === null) fail(state, 'object.damaged');
      }
    },
    bring(chunk, bytes) {
      const state = states[owner[chunk] ?? 0];
      assert(state !== undefined, 'a chunk that somebody asked for');
      state.left--;
      if (state.failed !== null) return;
      attempt(state, () => {
        if (state.task.action === 'whole' && state.task.chunks === 1) return done(state, maker.make(state.task, bytes));
        writeChunk(state, offsets[chunk] ?? 0, bytes);
        if (state.left === 0) complete(state);
      });
    },
    lost(chunk, code) {
      const state = states[owner[chunk] ?? 0];
      assert(state !== undefined, 'a chunk that somebody asked for');
      state.left--;
      state.lost.push(chunk);
      state.lostCode = code;
      if (state.task.action === 'whole') fail(state, code);
    },
    finish() {
      for (const state of states) {
        if (state.task.chunks > 0 || state.failed !== null) continue;
        attempt(state, () => done(state, withoutChunks(maker, state.task)));
      }
      for (const [index, state] of states.entries()) {
        closeFile(state);
        const { failed, lost, lostCode, task } = state;
        if (failed !== null) notes.push({ task: index, code: failed });
        if (lost.length > 0) notes.push({ task: index, code: lostCode, damaged: lost });
        if (failed === null && task.action === 'part') writeOutcome(rows, index, outcomes.part, null);
        assert(failed !== null || rows[index * outcomeWidth] !== outcomes.failed, 'a task with all its chunks is done');
      }
      return { rows, notes };
    },
    abandon() {
      for (const state of states) {
        const isPending = rows[state.index * outcomeWidth] !== outcomes.done;
        if (state.failed === null && isPending) fail(state, 'EINTR');
      }
    },
  };
}

function withoutChunks(maker: Maker, task: Task): Made {
  if (task.action === 'finish') return maker.finish(task);
  if (task.action === 'link') return maker.link(task);
  return maker.make(task, null);
}

export const pathOf = (task: Pick<Task, 'folder' | 'name'>): string => joinPath(task.folder, task.name);
