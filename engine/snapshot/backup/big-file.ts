import { concatBytes, limits } from '../../base/index.ts';
import type { FileStat, Hole } from '../../filesystem/index.ts';
import type { Dispatch } from './dispatch.ts';
import type { SegmentOutput } from './file-jobs.ts';
import { sameContent } from './listing.ts';
import type { ContentFigures, FileContent, FileTask } from './tasks.ts';

/**
 * A big file, slab by slab over all workers: each cuts its slab and tells at once where the next one begins, then
 * compresses and seals while another worker cuts on. A file that changes meanwhile is read again, at last flagged.
 */
export async function readBigFile(task: FileTask, dispatch: Dispatch, events: ContentFigures): Promise<FileContent> {
  let size = task.stat.size;
  for (let attempt = 1; ; attempt++) {
    const patient = attempt < limits.changedFileTries;
    const outputs: Promise<SegmentOutput>[] = [];
    let first: FileStat | null = null;
    for (let offset: number | null = 0; offset !== null; ) {
      const { output, cut } = dispatch.segment({ path: task.path, offset, first, upTo: patient ? null : size });
      output.then(
        (done) => events.contentDone(0, done.newBytes, done.bytes),
        () => {},
      );
      outputs.push(output);
      const known = await cut;
      first ??= known.stat;
      offset = known.next;
    }
    const segments = await Promise.all(outputs);
    const end = segments.at(-1)?.end ?? null;
    let bytes = 0;
    for (const segment of segments) bytes += segment.bytes;
    const steady = end !== null && first !== null && sameContent(first, end.stat) && bytes === end.stat.size;
    if (!steady && patient) {
      size = end?.stat.size ?? size;
      continue;
    }
    events.contentDone(bytes, 0, 0);
    return {
      stat: { ...(end?.stat ?? task.stat), size: bytes },
      ids: concatBytes(segments.map((segment) => segment.ids)),
      state: steady ? null : 'changed-while-read',
      xattrs: end?.xattrs ?? [],
      holes: steady ? joined(segments.flatMap(({ holes }) => holes)) : [],
    };
  }
}

/** A hole that reaches from one segment into the next is one hole. */
function joined(parts: readonly Hole[]): Hole[] {
  const holes: Hole[] = [];
  for (const part of parts) {
    const last = holes.at(-1);
    if (last === undefined || last.offset + last.length < part.offset) holes.push(part);
    else holes[holes.length - 1] = { offset: last.offset, length: last.length + part.length };
  }
  return holes;
}
