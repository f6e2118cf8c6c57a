import { assert, CofferError, crashPoint, limits } from '../../base/index.ts';
import { withLongPaths } from '../../filesystem/index.ts';
import { type FedVault, type Ports, publishSnapshot, type Vault, withSpool } from '../../repository/index.ts';
import { keepAbsent } from './absent.ts';
import { createAssembly } from './assembly.ts';
import type { Assembly } from './assembly-types.ts';
import type { BegunFiles } from './begun-files.ts';
import { createReadingTime } from './bound.ts';
import { saveFolderCache } from './cache-file.ts';
import { startBackupCrew } from './crew.ts';
import { createDeferral } from './deferral.ts';
import { type Bound, createDispatch, type Dispatch } from './dispatch.ts';
import { draftOf, excludedOf, type Root, sourceEntries, totalBytes } from './draft.ts';
import { assemblyVault, parentOf } from './earlier.ts';
import { folderEntry, folderXattrs } from './entries.ts';
import { addCounts, emptyCounts, type FolderResult, type RunCounts } from './folder-cache.ts';
import type { Failure, LeftOutPath } from './listing.ts';
import { looseListing, rootNode } from './nodes.ts';
import { type OpenRun, openRun, readSetup } from './open-run.ts';
import type { GrownSegment } from './setup.ts';
import { assertStillThere, refuseOwn, resolveSources, type Source, type Sources } from './sources.ts';
import type { FolderNode } from './tasks.ts';
import type { BackupOptions, BackupResult } from './types.ts';

/** A pack that failed is stored again by another pass over what relied on it; then the place is at fault. */
const passesMax = 3;
const progressEveryMs = 100;
const leftOutListed = 1000;

/**
 * One run: scan while the vault is being unlocked, then read, cut and store what is new, then publish.
 *
 *     pass: scan ─► assemble ─► read until the time is over ─► trees ─► flush packs ─► all durable?   no: another pass
 *     then: index ─► snapshot ─► refs ─► log entry ─► folder cache
 */
export async function backup(ports: Ports, opening: Promise<Vault>, options: BackupOptions): Promise<BackupResult> {
  opening.catch(() => {}); // awaited below; must not end the process before that
  let run: ReturnType<typeof createRun> | null = null;
  try {
    const startedMs = ports.clock.now();
    const sources = resolveSources(ports, options.sources, Math.floor(startedMs / 1000));
    refuseOwn(ports.fileSystem, sources.present);
    run = createRun(ports, opening, options, sources, startedMs);
    return await run.finish();
  } finally {
    try {
      await run?.end();
    } finally {
      await opening.then(
        (vault) => vault.close(),
        () => {},
      );
    }
  }
}

function createRun(
  ports: Ports,
  opening: Promise<Vault>,
  options: BackupOptions,
  { present, absent }: Sources,
  startedMs: number,
) {
  const { clock } = ports;
  const fileSystem = withLongPaths(ports.fileSystem);
  const startedAt = clock.monotonic();
  const figures = { doneBytes: 0, newBytes: 0, readBytes: 0 };
  let counts: RunCounts = emptyCounts();
  /** A later pass reads some of the same files again. */
  let changedBefore = 0;
  let failures: Failure[] = [];
  let leftOut: LeftOutPath[] = [];
  let roots = new Map<string, Root>();
  let dispatch: Dispatch | null = null;
  let open: OpenRun | null = null;
  let shownAt = 0;
  const begun: BegunFiles = options.bound?.begun ?? new Map();
  let deferral = createDeferral();
  let stillBegun = new Set<string>();
  /** Of a run that would publish nothing at all for want of time. */
  let isUnbounded = false;
  let uploads: FedVault['uploads'] = null;
  let sending = false;

  const seconds = (): number => (clock.monotonic() - startedAt) / 1000;
  const current = (): Dispatch => {
    assert(dispatch !== null, 'a pass is under way');
    return dispatch;
  };
  /** Bytes of packs that the place has, and of those that wait for it. */
  const onTheWay = (): { readonly storedBytes: number; readonly waitingBytes: number } => {
    const { storedBytes = 0, waitingBytes = 0 } = open?.arrivals ?? {};
    if (uploads === null) return { storedBytes, waitingBytes };
    const { confirmedBytes, bytes } = uploads.figures;
    return { storedBytes: confirmedBytes, waitingBytes: waitingBytes + bytes };
  };
  const showProgress = (): void => {
    const now = clock.monotonic();
    if (options.onProgress === undefined || now - shownAt < progressEveryMs) return;
    shownAt = now;
    options.onProgress({
      foundFiles: counts.files,
      foundBytes: counts.bytes,
      ...figures,
      ...onTheWay(),
      sending: sending && (uploads?.figures.objects ?? 0) > 0,
      scanning: dispatch?.scanning ?? true,
      seconds: seconds(),
    });
  };
  const maybeLittle = present.every(({ look }) => look !== null);
  const crew = options.crew?.() ?? startBackupCrew(ports, { pace: options.pace ?? 'full', maybeLittle });
  const { pool } = crew;
  const setup = { sources: present.map(({ rules, boundary }) => ({ rules, boundary })) };
  crew.begin({ ...setup, ...(options.pulse && { pulse: options.pulse }) }, (event) => {
    if (event.kind === 'cut') current().onCut(event);
    else if (event.kind === 'sealed') open?.arrivals.arrive(event.pack);
    else open?.arrivals.failed(event);
  });
  /** The first reason is the one to tell: what fails afterwards mostly fails because of it. */
  let ending: { readonly error: unknown } | null = null;
  const endRun = (error: unknown): void => {
    ending ??= { error };
    dispatch?.fail(ending.error);
  };
  const stopIfEnded = (): void => {
    if (ending !== null) throw ending.error;
    if (options.signal?.aborted === true) throw new CofferError('cancelled');
  };

  /** Nothing more is waited for, and what is under way to a far place is abandoned: it lies in the spool. */
  const abandoning = new AbortController();
  const abandon = (): void => {
    abandoning.abort(new CofferError('cancelled'));
    uploads?.stop(abandoning.signal.reason);
  };
  options.signal?.addEventListener('abort', abandon, { once: true });

  const prepare = async (): Promise<OpenRun> => {
    const vault = await withSpool(ports, await opening, showProgress);
    uploads = vault.uploads;
    stopIfEnded();
    const about = { racyFromMs: startedMs - limits.racyMs, sources: present };
    open = await openRun(ports, vault, about, {
      stopIfEnded,
      endRun,
      arrived: () => dispatch?.look(),
      kept: options.kept ?? null,
      signal: abandoning.signal,
      sendBundle(bundle) {
        sendKeys();
        return pool.run('bundle', bundle, { transfer: [bundle.bytes.buffer as ArrayBuffer] });
      },
    });
    return open;
  };
  /** Workers get keys and the table of chunks only when there is something to read or store. */
  const sendKeys = (): void => {
    if (keysSent || open === null) return;
    keysSent = true;
    pool.broadcast(readSetup(open));
  };
  let keysSent = false;
  const prepared = prepare();
  prepared.catch(() => {});

  const startPass = (): { readonly assembly: Assembly; readonly known: Promise<unknown> } => {
    changedBefore = Math.max(changedBefore, counts.changed);
    counts = emptyCounts();
    failures = [];
    leftOut = [];
    roots = new Map();
    figures.doneBytes = 0;
    deferral = createDeferral();
    stillBegun = new Set();
    const vaultForAssembly = prepared.then((known) => assemblyVault(known, present, startedMs, fileSystem));
    vaultForAssembly.catch(() => {});
    const assembly = createAssembly(
      fileSystem,
      present.map((source) => source.stat.device),
      vaultForAssembly,
      current,
      {
        counts,
        failures,
        leftOut: (path, reason) => void (leftOut.length < leftOutListed && leftOut.push({ path, reason })),
        folderDone(node, result, ids) {
          open?.ledger.folderDone(node, result, ids);
          if (node.parent === null) addRoot(node, result);
          showProgress();
        },
        folderTaken(node, result) {
          if (node.parent === null) addRoot(node, result);
          showProgress();
        },
        contentDone(bytes, newBytes, readBytes) {
          figures.doneBytes += bytes;
          figures.newBytes += newBytes;
          figures.readBytes += readBytes;
          deferral.read(readBytes);
          showProgress();
        },
        bigFileRead: (task, bytes) => deferral.readOfBig(task, bytes),
        fileDeferred(task) {
          deferral.add(task);
          if (begun.has(task.path)) stillBegun.add(task.path);
        },
      },
      begun,
    );
    dispatch = createDispatch(
      pool,
      {
        listing: assembly.onListing,
        files: assembly.onFiles,
        bigFile: assembly.onBigFile,
        deferred: assembly.onDeferred,
        mayRead: () => (open?.arrivals.waitingBytes ?? 0) < limits.sealedWaitingBytes,
      },
      (reads) => {
        if (reads) sendKeys();
        const segment = open?.index.hasTable === true ? open.index.table.growIfNeeded() : null;
        if (segment !== null) pool.broadcast({ kind: 'segment', segment } satisfies GrownSegment);
      },
      boundOfPass(),
    );
    return { assembly, known: vaultForAssembly };
  };

  /** Another pass has as much time again: it is rare, and a place at fault must show as one. */
  const boundOfPass = (): Bound => {
    const readMs = isUnbounded ? Number.POSITIVE_INFINITY : (options.bound?.readMs ?? Number.POSITIVE_INFINITY);
    const isUp = createReadingTime(clock, readMs, () => ({ ...onTheWay(), usualRate: uploads?.usualRate ?? null }));
    return { isUp: () => willFail() || isUp(), isBegun: (path) => begun.has(path) };
  };
  /** What is sealed by now is still sent, so that little is left to do for the next run. */
  const willFail = (): boolean => uploads?.isDamaged === true;

  const pass = async (): Promise<void> => {
    const { assembly, known: whatIsKnown } = startPass();
    const release = current().hold();
    const abort = (): void => endRun(new CofferError('cancelled'));
    if (options.signal?.aborted === true) abort();
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      for (const [number, source] of present.entries()) if (source.look === null) addSource(assembly, source, number);
      const ready = prepared.then(async (known) => {
        await whatIsKnown;
        for (const [number, source] of present.entries()) if (source.look !== null) addSource(assembly, source, number);
        current().allowReading();
        release();
        return known;
      });
      ready.catch(endRun);
      await current().idle;
      const known = await ready;
      for (const path of absent) await addAbsent(known, path);
      leftOut = [...leftOut, ...known.ledger.leftOutBefore()].slice(0, leftOutListed);
      known.trees.flush();
      await Promise.all(known.bundles.splice(0));
      for (let worker = 0; worker < pool.size; worker++) await pool.run('flush', null, { worker });
      // In this order: a run that has failed is over even when nothing is under way any more.
      await Promise.race([current().failed, known.arrivals.settled()]);
    } finally {
      options.signal?.removeEventListener('abort', abort);
    }
  };

  const finish = async (): Promise<BackupResult> => {
    for (let attempt = 1, failedBefore = 0; ; attempt++) {
      await pass();
      const known = await prepared;
      const hasFailed = known.arrivals.failures > failedBefore;
      const hasNothing = roots.size === 0 && deferral.files > 0 && !willFail();
      if (!hasFailed && !hasNothing) break;
      isUnbounded ||= hasNothing;
      if (hasFailed && attempt >= passesMax)
        throw new CofferError('store.failed', { store: known.vault.url, detail: 'packs could not be written' });
      failedBefore = known.arrivals.failures;
      known.ledger = known.ledger.nextPass(leftOut);
    }
    // What is left to do is done here; meanwhile the threads end.
    crew.end().catch(() => {}); // awaited in `end`
    const known = await prepared;
    const { vault, index, arrivals, indexWriter } = known;
    assert(
      counts.seen === counts.files + counts.folders + counts.others + excludedOf(counts) + counts.failed,
      'saved + excluded + failed = seen',
    );
    const entries = sourceEntries([...present.map(({ path }) => path), ...absent], roots);
    for (const { entry } of entries)
      if (entry.kind === 'file' && entry.content !== null) known.ledger.addIds(entry.content);
    const { cache, needed } = known.ledger.finish(leftOut);
    stopIfEnded();
    assertStillThere(fileSystem, present);
    sending = true;
    showProgress();
    crashPoint('packs.committed.before');
    await vault.store.settle(abandoning.signal);
    crashPoint('packs.committed.after');
    await indexWriter.write(abandoning.signal);
    await vault.store.flush(abandoning.signal);
    stopIfEnded();
    figures.newBytes -= arrivals.lostBytes;
    const stored = { ...figures, total: totalBytes(roots), stored: arrivals.storedBytes + indexWriter.writtenBytes };
    const draft = draftOf(
      options,
      entries,
      { counts, failures, stored, startedMs, finishedMs: clock.now() },
      parentOf(
        vault,
        entries.map(({ path }) => path),
      ),
    );
    const published = await publishSnapshot(vault, ports, draft, {
      packs: needed,
      isDurable: (pack) => arrivals.isDurable(pack) || index.numberOf(pack) !== undefined,
      signal: abandoning.signal,
    });
    const newCache = { ...cache, snapshot: published.id };
    saveFolderCache(vault.local, newCache, { kept: options.kept ?? null, isCostly: !maybeLittle, log: ports.log });
    const deferred = deferral.finish();
    for (const path of begun.keys()) if (!stillBegun.has(path)) begun.delete(path);
    const { files, folders, others, failed, changed } = counts;
    return {
      snapshot: published.id,
      files,
      folders,
      others,
      bytes: stored.total,
      readBytes: figures.readBytes,
      newBytes: figures.newBytes,
      storedBytes: stored.stored + published.bytes,
      changedFiles: Math.max(changedBefore, changed),
      failed,
      failures,
      excluded: Object.fromEntries(counts.excluded),
      leftOut,
      deferred,
      seconds: seconds(),
      notices: vault.notices,
    };
  };
  /** Nothing of this run touches the vault or its spool afterwards, so that the lock may go to another. */
  const end = async (): Promise<void> => {
    ending ??= { error: new CofferError('cancelled') };
    options.signal?.removeEventListener('abort', abandon);
    abandon();
    await prepared.catch(() => {});
    uploads?.stop(abandoning.signal.reason); // opened meanwhile
    try {
      await crew.end();
    } finally {
      await open?.arrivals.settled();
      fileSystem.letGo();
    }
  };
  return { finish, end };

  function addRoot(node: FolderNode, result: FolderResult): void {
    const source = present[node.source];
    assert(source !== undefined, 'a known source');
    const { path, name, stat } = source;
    if (node.loose) {
      const entry = node.entries[0] ?? null;
      // A file for which there was no time, and which no snapshot has yet, is in none for now.
      if (entry !== null || node.lost?.deferred !== 1) roots.set(path, { entry, bytes: result.bytes });
      return;
    }
    const { xattrs, code } = result.failed === null ? folderXattrs(fileSystem, path) : { xattrs: [], code: null };
    if (code !== null) {
      counts.folders--;
      counts.failed++;
      failures.push({ path, code });
    }
    roots.set(path, { entry: folderEntry(name, stat, result, xattrs), bytes: result.bytes });
  }

  function addSource(assembly: Assembly, { path, name, stat, look }: Source, number: number): void {
    const base = { name, relative: '', source: number, depth: 0, parent: null, stat };
    if (stat.kind === 'folder') return assembly.addSource(rootNode({ ...base, path, looksBelow: look === null }));
    const folder = path.slice(0, Math.max(1, path.lastIndexOf('/')));
    assembly.addLoose(rootNode({ ...base, path: folder, loose: true }), looseListing(path, name, stat));
  }

  async function addAbsent(known: OpenRun, path: string): Promise<void> {
    const kept = await keepAbsent(known, path, options.host, stopIfEnded);
    if (kept === null) return void ports.log.warn('a source is not there, and no snapshot has it whole', { path });
    roots.set(path, { entry: kept.entry, bytes: kept.bytes });
    addCounts(counts, kept.counts);
    counts.bytes += kept.bytes;
    for (const failure of kept.failures) failures.push(failure);
  }
}
