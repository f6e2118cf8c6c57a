import { assert, CofferError, chunkIdBytes, crashPoint } from '../../base/index.ts';
import type { IdHasher } from '../../crypto/index.ts';
import type { FileSystem } from '../../filesystem/index.ts';
import type { Pool } from '../../pool/index.ts';
import type { Batches } from './batches.ts';
import { type Contents, copyOfId } from './contents.ts';
import { createDrafts } from './drafts.ts';
import { createZeroChunks, isHole } from './holes.ts';
import { bytesOf, decideOn, type Item, isRestored, itemOf, originPath, targetPath, taskOf } from './items.ts';
import { JobDraft, type JobNote, type JobOutput, notesByTask, outcomes, outcomeWidth } from './job.ts';
import type { Journal } from './journal.ts';
import { writeIntents, writeResults } from './journal-rows.ts';
import type { RestoreJobs } from './labour.ts';
import { alreadyLinked, createLinks } from './links.ts';
import { linkRefusals, type Maker } from './maker.ts';
import { remarkOf, remarks } from './metadata.ts';
import { failureCode } from './pack-job.ts';
import type { Places } from './places.ts';
import type { Resume } from './record.ts';
import { createScheduler } from './scheduler.ts';
import { createPart, createShared, partTask, type Shared, skipWritten } from './shared.ts';
import type { Tally } from './tally.ts';
import type { Found } from './walk.ts';
import type { Ref, Work } from './work.ts';

export type RunOptions = {
  readonly fileSystem: FileSystem;
  readonly pool: Pool<RestoreJobs>;
  readonly contents: Contents;
  readonly idOf: IdHasher;
  readonly places: Places;
  readonly maker: Maker;
  readonly journal: Journal;
  readonly batches: Batches;
  readonly tally: Tally;
  readonly resume: Resume | null;
  readonly target: string;
  /** About what becomes durable at once. */
  readonly batchBytes: number;
};

export type Run = {
  take(group: readonly Found[]): Promise<void>;
  /** Everything taken is done, or has failed for good. */
  drain(): Promise<void>;
  /** Begins nothing more; what was being written in parts is removed. */
  stop(): Promise<void>;
  fail(error: unknown): void;
  failedAt(path: string, code: string): void;
  /** Unfinished files and how many of their chunks are written. */
  parts(): (readonly [number, number])[];
};

/**
 * What is planned together: the first windows are small, so that the workers begin at once, then they grow, so that
 * each piece of a pack is read for as many files as possible.
 */
const windowFiles = { first: 1024, most: 8192 };
/** A file with more chunks is shared among workers whatever packs they are in. */
const wholeChunksMost = 64;

const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

export function createRun(options: RunOptions): Run {
  const { fileSystem, pool, contents, idOf, places, maker, journal, batches, tally, resume, target } = options;
  const drafts = createDrafts(contents);
  const scheduler = createScheduler(pool, (work, output) => settle(work, output));
  const sharing = new Set<Shared>();
  const isZeroChunk = createZeroChunks(idOf);
  const means = { fileSystem, maker, contents };
  const room = { files: windowFiles.first, bytes: options.batchBytes / 4 };
  let window = { files: 0, bytes: 0 };
  let fresh: Item[] = [];
  /** Items that come back: another copy of a chunk, another decision, another name of a file that is done. */
  let again: Item[] = [];
  /** Chunks that come from elsewhere; each keeps its stretch open until then. */
  let lost: { readonly shared: Shared; readonly stretch: number; readonly id: Uint8Array; readonly offset: number }[] =
    [];
  const links = createLinks((item) => void again.push(item));
  let seen = 0;
  const ended = { done: 0, skipped: 0, failed: 0 };

  const failedAt = (path: string, code: string): void => {
    if (fullCodes.has(code)) return scheduler.fail(new CofferError('target.full', { path: target }));
    if (code === 'EROFS') return scheduler.fail(new CofferError('target.unusable', { path: target, detail: code }));
    tally.failures.push({ path, code });
  };
  const fail = (item: Item, code: string): void => {
    ended.failed++;
    failedAt(originPath(item), code);
    links.failed(item);
    tally.show();
  };
  /** Runs a step that the world may refuse for this item. */
  const attempt = async (item: Item, step: () => void | Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      const code = failureCode(error);
      if (code === null) throw error;
      fail(item, code);
    }
  };

  const admit = async (item: Item): Promise<void> => {
    const { entry, number, place } = item;
    if (resume !== null && isRestored(item, resume, places)) {
      countDone(item);
      return alreadyLinked(links, item);
    }
    if (entry.kind === 'file' && entry.content === null) return fail(item, entry.state ?? 'unreadable:EIO');
    if (entry.state !== undefined) tally.remarks.push({ path: originPath(item), remark: remarkOf(entry.state) });
    const decision = places.decide(place, item.as, number, entry);
    if (decision.kind === 'skip') return skip(item);
    batches.touch(place);
    decideOn(item, decision);
    // Comparing makes nothing: recorded, it would pass for the restore's own work when that is resumed or undone.
    if (item.action !== 'compare') fresh.push(item);
    window.files++;
    if (links.admit(item)) await schedule(item);
    if (window.files >= room.files || window.bytes >= room.bytes) await flush();
  };
  const skip = (item: Item): void => {
    tally.skipped++;
    ended.skipped++;
    links.failed(item);
  };

  const schedule = async (item: Item): Promise<void> => {
    const { entry, action } = item;
    if (action === 'link') return drafts.plain(item, 'link');
    const ids = entry.kind === 'file' ? (entry.content ?? new Uint8Array(0)) : new Uint8Array(0);
    if (action === 'compare' || action === 'adopt') return drafts.compare(item, ids, contents.lengthsOf(ids));
    const chunks = ids.length / chunkIdBytes;
    if (chunks === 0) return drafts.plain(item, 'whole');
    const pack = contents.packOf(ids, 0);
    let isOne = chunks <= wholeChunksMost;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const here = contents.packOf(ids, chunk);
      if (here < 0) return fail(item, 'chunk.missing');
      if (here !== pack) isOne = false;
    }
    if (!isOne) return await share(item, ids);
    window.bytes += bytesOf(item);
    drafts.whole(item, pack, ids);
  };
  const share = async (item: Item, ids: Uint8Array): Promise<void> => {
    const shared = createShared(item, ids);
    sharing.add(shared);
    try {
      if (resume !== null) skipWritten(shared, resume, means);
      tally.partBytes += shared.doneBytes;
      await handOut(shared);
    } catch (error) {
      shared.failed ??= failureCode(error) ?? raise(error);
    }
    shared.complete = true;
    conclude(shared);
  };
  /** Gives its chunks to the jobs of their packs, window by window. */
  const handOut = async (shared: Shared): Promise<void> => {
    const { item, ids } = shared;
    const holes = item.entry.kind === 'file' ? item.entry.holes : undefined;
    while (shared.next < ids.length / chunkIdBytes && shared.failed === null) {
      const chunk = shared.next;
      const pack = contents.packOf(ids, chunk);
      const length = pack < 0 ? -1 : contents.lengthIn(pack, ids, chunk);
      const end = shared.offset + length;
      if (length < 0) shared.failed = 'chunk.missing';
      else if (end > bytesOf(item)) shared.failed = 'object.damaged';
      else if (!isHole(holes, shared.offset, end) || !isZeroChunk(ids, chunk, length)) {
        drafts.part(shared, pack, { id: copyOfId(ids, chunk), offset: shared.offset, length });
        window.bytes += length;
      }
      shared.next++;
      shared.offset = end;
      if (window.bytes >= room.bytes) await flush();
    }
    if (shared.offset !== bytesOf(item)) shared.failed ??= 'object.damaged';
  };
  /** When the last chunk is in: metadata and name. When one cannot be had: nothing of it stays. */
  const conclude = (shared: Shared): void => {
    const { item } = shared;
    if (!shared.complete || !shared.isIdle || shared.finishing) return;
    if (shared.failed !== null) {
      if (shared.created) maker.discard(maker.partPath(partTask(shared)));
      forget(shared);
      return fail(item, shared.failed);
    }
    // Nothing but holes: made with the next window, when that is recorded.
    if (!shared.created) return;
    shared.finishing = true;
    const draft = new JobDraft(null);
    draft.add(taskOf(item, 'finish'), new Uint8Array(0), []);
    scheduler.push({ name: 'restore', job: draft.job(), refs: [{ item, shared, stretch: -1, bytes: 0 }] });
  };
  const forget = (shared: Shared): void => {
    sharing.delete(shared);
    tally.partBytes -= shared.doneBytes;
  };
  /** Records what is about to be made, then lets it be made. */
  const flush = async (): Promise<void> => {
    for (const shared of sharing) shared.cut();
    const work = drafts.take();
    const items = fresh;
    fresh = [];
    window = { files: 0, bytes: 0 };
    room.files = Math.min(room.files * 2, windowFiles.most);
    room.bytes = Math.min(room.bytes * 2, options.batchBytes * 2);
    // A record of chunks in an earlier temporary file says nothing about a new one.
    const anew = [...sharing].filter(
      ({ created, item }) => !created && resume !== null && resume.chunksOf(item.number) > 0,
    );
    if (anew.length > 0) journal.append({ kind: 'parts', parts: anew.map(({ item }) => [item.number, 0] as const) });
    crashPoint('restore.intended.before');
    if (items.length > 0) writeIntents(journal, items);
    if (items.length + anew.length > 0) await journal.durable();
    crashPoint('restore.intended.after');
    for (const shared of sharing) createPart(shared, means);
    for (const one of work) scheduler.push(one);
    for (const shared of sharing) conclude(shared);
    await scheduler.room();
    await batches.room();
    await takeAgain();
  };
  /** Items that came back while others were done. */
  const takeAgain = async (): Promise<void> => {
    if (again.length + lost.length === 0) return;
    contents.findOthers();
    const items = again;
    again = [];
    for (const item of items) await attempt(item, () => (links.admit(item) ? schedule(item) : undefined));
    const chunks = lost;
    lost = [];
    for (const { shared, stretch, id, offset } of chunks) {
      const pack = contents.packOf(id, 0);
      if (pack < 0) shared.failed ??= 'object.damaged';
      else drafts.part(shared, pack, { id, offset, length: 0 }, stretch);
      shared.end(stretch);
    }
    for (const { shared } of chunks) conclude(shared);
  };

  const countDone = (item: Item): void => {
    ended.done++;
    if (item.entry.kind === 'file') tally.files++;
    tally.bytes += bytesOf(item);
    tally.show();
  };
  const settle = ({ job, refs }: Work, output: JobOutput): void => {
    const notes = notesByTask(output.notes);
    const made: { item: Item; name: string | null; row: number; isShared: boolean }[] = [];
    for (const [index, ref] of refs.entries()) {
      const outcome = output.rows[index * outcomeWidth] ?? outcomes.failed;
      const ofTask = notes.get(index) ?? [];
      if (ref.shared !== null && ref.stretch >= 0) {
        settlePart(ref.shared, ref, ofTask, job);
        continue;
      }
      if (ref.shared !== null) forget(ref.shared);
      if (outcome === outcomes.done) {
        if (ref.item.action === 'compare') {
          tally.skipped++;
          ended.skipped++;
          links.done(ref.item, targetPath(ref.item));
        } else
          made.push({ item: ref.item, name: settleDone(ref.item, ofTask), row: index, isShared: ref.shared !== null });
      } else if (outcome === outcomes.different) settleDifferent(ref.item);
      else settleFailed(ref.item, ofTask, job);
    }
    if (made.length === 0) return;
    crashPoint('restore.reported.before');
    writeResults(journal, output.rows, made);
    crashPoint('restore.reported.after');
    // Where a sync came by since they were admitted, it came before they got their names.
    for (const { item } of made) batches.touch(item.place);
    const bytes = made.reduce((sum, { item, isShared }) => sum + (isShared ? 0 : bytesOf(item)), 0);
    batches.add({
      files: made.length,
      bytes,
      paths: made.flatMap(({ item }) => (item.entry.kind === 'file' ? [targetPath(item)] : [])),
    });
  };
  const settleDone = (item: Item, notes: readonly JobNote[]): string | null => {
    const name = notes.find((note) => note.name !== undefined)?.name ?? null;
    if (name !== null) item.as = name;
    for (const { remark } of notes) {
      if (remark === remarks.collision) tally.remarks.push({ path: targetPath(item), remark });
      else if (remark !== undefined) tally.remarkOnce(targetPath(item), remark);
    }
    if (item.keepsBoth || name !== null) tally.keptBoth++;
    else if (item.replaces) tally.replaced++;
    countDone(item);
    links.done(item, targetPath(item));
    return name;
  };
  /** What is there is not what it looked like. */
  const settleDifferent = (item: Item): void => {
    if (item.action === 'adopt') item.replaces ||= !item.redoes;
    else if (places.policy === 'overwrite') item.replaces = true;
    else {
      item.as = places.beside(item.place.path, item.as);
      item.keepsBoth = true;
    }
    item.action = 'whole';
    fresh.push(item);
    again.push(item);
  };
  const settleFailed = (item: Item, notes: readonly JobNote[], job: Work['job']): void => {
    const damaged = notes.flatMap((note) => note.damaged ?? []);
    const code = notes.find((note) => note.code !== undefined)?.code ?? 'EIO';
    if (item.action === 'link') return retryAsCopy(item, code);
    const ids = damaged.map((chunk) => copyOfId(job.ids, chunk));
    if (ids.length > 0 && markBad(job, ids)) return void again.push(item);
    fail(item, code);
  };
  const markBad = ({ pack }: Work['job'], ids: readonly Uint8Array[]): boolean =>
    pack !== null && contents.markBad(pack.id, ids);
  const retryAsCopy = (item: Item, code: string): void => {
    // ENOENT: somebody took the first name away meanwhile.
    if (!linkRefusals.has(code) && code !== 'ENOENT') return fail(item, code);
    item.action = 'whole';
    item.isCopy = true;
    tally.remarkOnce(targetPath(item), remarks.copied);
    again.push(item);
  };
  const settlePart = (shared: Shared, { stretch, bytes }: Ref, notes: readonly JobNote[], job: Work['job']): void => {
    shared.doneBytes += bytes;
    tally.partBytes += bytes;
    tally.show();
    for (const { code, damaged } of notes) {
      if (damaged === undefined) {
        if (code !== undefined) shared.failed ??= code;
        continue;
      }
      const ids = damaged.map((chunk) => copyOfId(job.ids, chunk));
      if (!markBad(job, ids)) {
        shared.failed ??= code ?? 'object.damaged';
        continue;
      }
      for (const [at, chunk] of damaged.entries()) {
        shared.begin(stretch);
        lost.push({ shared, stretch, id: ids[at] ?? new Uint8Array(0), offset: job.spans[chunk] ?? 0 });
      }
    }
    shared.end(stretch);
    batches.add({ files: 0, bytes, paths: [maker.partPath(partTask(shared))] });
    if (shared.failed !== null && fullCodes.has(shared.failed)) failedAt(originPath(shared.item), shared.failed);
    conclude(shared);
  };

  return {
    failedAt,
    fail: scheduler.fail,
    parts: () =>
      [...sharing]
        .filter(({ created, failed }) => created && failed === null)
        .map(({ item, written }) => [item.number, written]),
    async take(group) {
      for (const found of group) {
        const item = itemOf(found);
        seen++;
        await attempt(item, () => admit(item));
      }
    },
    async drain() {
      for (;;) {
        await flush();
        await scheduler.idle();
        await takeAgain();
        if (again.length + lost.length + fresh.length + sharing.size === 0 && drafts.isEmpty) break;
      }
      const { done, skipped, failed } = ended;
      assert(seen === done + skipped + failed, 'restored + skipped + failed = seen');
    },
    async stop() {
      scheduler.fail(new CofferError('cancelled'));
      await scheduler.stopped();
      for (const shared of sharing) if (shared.created) maker.discard(maker.partPath(partTask(shared)));
    },
  };
}

function raise(error: unknown): never {
  throw error;
}
