import { parentPort, workerData } from 'node:worker_threads';
import { shareChunkTable, type TableSegment } from '../../../engine/repository/chunk-table.ts';

/** Claims every id it is given, in an order of its own, and tells which ones it got. */
const { segments, ids, start, stride } = workerData as {
  segments: TableSegment[];
  ids: Uint8Array;
  start: number;
  stride: number;
};
const table = shareChunkTable(segments);
const count = ids.length / 32;
const won = new Uint8Array(count);
for (let step = 0; step < count; step++) {
  const at = (start + step * stride) % count;
  if (table.claim(ids, at * 32)) won[at] = 1;
}
parentPort?.postMessage(won);
