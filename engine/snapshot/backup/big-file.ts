import { concatBytes } from '../../base/index.ts';
import type { FileStat, Hole } from '../../filesystem/index.ts';
import { type BegunFile, fromStart, isPatient, type ReadFrom } from './begun-files.ts';
import type { Dispatch } from './dispatch.ts';
import type { SegmentOutput } from './file-jobs.ts';
import { sameContent } from './listing.ts';
import type { ContentFigures, FileContent, FileTask } from './tasks.ts';

/** Either all of it, or what there was time for. */
export type BigFile =
  | { readonly content: FileContent; readonly begun: null }
  | { readonly content: null; readonly begun: BegunFile };

/**
 * A big file, slab by slab over all workers: each cuts its slab and tells at once where the next one begins, then
 * compresses and seals while another worker cuts on. A file that changes meanwhile is read again, at last flagged.
 */
export async function readBigFile(
  task: FileTask,
  dispatch: Dispatch,
  events: ContentFigures,
  from: ReadFrom,
): Promise<BigFile> {
  for (let at = from; ; ) {
    const { attempt, size } = at;
    const patient = isPatient(attempt);
    const { segments, first, isWhole } = await readSegments(task, dispatch, events, at);
    if (!isWhole) {
      return { content: null, begun: { attempt, size, first: first ?? task.stat, segments, isRacy: at.isRacy } };
    }
    const end = segments.at(-1)?.end ?? null;
    const bytes = lengthOf(segments);
    const isSame = end !== null && first !== null && sameContent(first, end.stat) && bytes === end.stat.size;
    const steady = isSame && !at.isRacy;
    if (!steady && patient) {
      at = fromStart(attempt + 1, end?.stat.size ?? size);
      continue;
    }
    events.contentDone(bytes, 0, 0);
    const content: FileContent = {
      stat: { ...(end?.stat ?? task.stat), size: bytes },
      ids: concatBytes(segments.map((segment) => segment.ids)),
      state: steady ? null : 'changed-while-read',
      xattrs: end?.xattrs ?? [],
      holes: steady ? joined(segments.flatMap(({ holes }) => holes)) : [],
    };
    return { content, begun: null };
  }
}

type Read = { readonly segments: SegmentOutput[]; readonly first: FileStat | null; readonly isWhole: boolean };

/** One try, until the end of the file or of the time. */
async function readSegments(
  task: FileTask,
  dispatch: Dispatch,
  events: ContentFigures,
  { attempt, size, segments, first: firstBefore }: ReadFrom,
): Promise<Read> {
  const outputs: Promise<SegmentOutput>[] = segments.map(async (segment) => segment);
  let first = firstBefore;
  let offset: number | null = lengthOf(segments);
  while (offset !== null && !dispatch.isOver()) {
    const { output, cut } = dispatch.segment({
      path: task.path,
      offset,
      first,
      upTo: isPatient(attempt) ? null : size,
    });
    output.then(
      (done) => events.contentDone(0, done.newBytes, done.bytes),
      () => {},
    );
    outputs.push(output);
    const known = await cut;
    first ??= known.stat;
    offset = known.next;
  }
  return { segments: await Promise.all(outputs), first, isWhole: offset === null };
}

function lengthOf(segments: readonly SegmentOutput[]): number {
  let bytes = 0;
  for (const segment of segments) bytes += segment.bytes;
  return bytes;
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
