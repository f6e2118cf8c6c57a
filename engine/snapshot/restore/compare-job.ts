import { chunkIdBytes, limits } from '../../base/index.ts';
import { joinPath, readExactly } from '../../filesystem/index.ts';
import {
  type JobNote,
  type JobOutput,
  outcomes,
  outcomeWidth,
  type RestoreJob,
  type Task,
  tasksOf,
  writeOutcome,
} from './job.ts';
import { failureCode, type Worker } from './pack-job.ts';

/**
 * Whether files that are there have the content they should have: each is read in the lengths of its chunks, and each
 * chunk's id computed. Needs nothing from the vault but its index.
 */
export function runCompareJob(worker: Worker, job: RestoreJob): JobOutput {
  const tasks = tasksOf(job);
  const rows = new Float64Array(tasks.length * outcomeWidth);
  const notes: JobNote[] = [];
  for (const [index, task] of tasks.entries()) {
    try {
      const path = joinPath(task.folder, task.name);
      const same = hasContent(worker, job, task, path);
      const stat = worker.fileSystem.lstat(path);
      if (same && task.action === 'adopt') {
        const remark = worker.maker.metadata.apply(path, task, stat);
        if (remark !== null) notes.push({ task: index, remark });
        writeOutcome(rows, index, outcomes.done, worker.fileSystem.lstat(path));
      } else writeOutcome(rows, index, same ? outcomes.done : outcomes.different, stat);
    } catch (error) {
      if (failureCode(error) === null) throw error;
      // What cannot be read is not known to be the same.
      writeOutcome(rows, index, outcomes.different, null);
    }
  }
  return { rows, notes };
}

function hasContent({ fileSystem, keys }: Worker, job: RestoreJob, task: Task, path: string): boolean {
  const fd = fileSystem.open(path, 'read');
  try {
    const stat = fileSystem.fstat(fd);
    if (stat.kind !== 'file' || stat.size !== task.size) return false;
    let offset = 0;
    for (let chunk = task.firstChunk; chunk < task.firstChunk + task.chunks; chunk++) {
      const length = job.spans[chunk] ?? 0;
      if (length <= 0 || length > limits.pieceRawBytes) return false;
      const bytes = readExactly(fileSystem, fd, offset, length);
      const id = job.ids.subarray(chunk * chunkIdBytes, (chunk + 1) * chunkIdBytes);
      if (bytes === null || Buffer.compare(keys.idOf(bytes), id) !== 0) return false;
      offset += length;
    }
    return offset === task.size;
  } finally {
    fileSystem.close(fd);
  }
}
