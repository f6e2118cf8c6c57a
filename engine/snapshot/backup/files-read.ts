import type { FilesOutput } from './file-jobs.ts';
import { readStat } from './listing.ts';
import type { FileContent, FileTask } from './tasks.ts';

/** What became of each file of a batch; `content` is null where it could not be read, and `code` says why. */
export function* filesOf(
  tasks: readonly FileTask[],
  output: FilesOutput,
): Generator<{ task: FileTask; content: FileContent | null; code: string }> {
  const remarks = new Map(output.remarks.map((remark) => [remark.file, remark]));
  let at = 0;
  for (const [index, task] of tasks.entries()) {
    const chunks = output.chunks[index] ?? -1;
    const remark = remarks.get(index);
    if (chunks < 0) {
      yield { task, content: null, code: remark?.code ?? 'EIO' };
      continue;
    }
    const ids = output.ids.subarray(at, at + chunks * 32);
    at += chunks * 32;
    const content = {
      stat: readStat(output.stats, index),
      ids,
      state: remark?.code ?? null,
      xattrs: remark?.xattrs ?? [],
      holes: remark?.holes ?? [],
    };
    yield { task, content, code: '' };
  }
}
