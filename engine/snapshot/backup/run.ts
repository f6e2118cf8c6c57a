import { assert, CofferError } from '../../base/index.ts';
import { withLongPaths } from '../../filesystem/index.ts';
import { type Ports, publishSnapshot, type Vault } from '../../repository/index.ts';
import { keepAbsent } from './absent.ts';
import { type Assembly, createAssembly } from './assembly.ts';
import { writeFolderCache } from './cache-file.ts';
import { startBackupCrew } from './crew.ts';
import { createDispatch, type Dispatch } from './dispatch.ts';
import { draftOf, excludedOf, type Root, sourceEntries, totalBytes } from './draft.ts';
import { assemblyVault, parentOf, racyMs } from './earlier.ts';
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
 *     pass: scan ─► assemble ─► read ─► trees ─► flush packs ─► all durable?   no: another pass over what is void
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

  const seconds = (): number => (clock.monotonic() - startedAt) / 1000;
  const current = (): Dispatch => {
    assert(dispatch !== null, 'a pass is under way');
    return dispatch;
  };
  const showProgress = (): void => {
    const now = clock.monotonic();
    if (options.onProgress === undefined || now - shownAt < progressEveryMs) return;
    shownAt = now;
    options.onProgress({
      foundFiles: counts.files,
      foundBytes: counts.bytes,
      ...figures,
      scanning: dispatch?.scanning ?? true,
      seconds: seconds(),
    });
  };
  const crew = options.crew?.() ?? startBackupCrew(ports);
  const { pool } = crew;
  crew.begin({ sources: present.map(({ rules, boundary }) => ({ rules, boundary })) }, (event) => {
    if (event.kind === 'cut') current().onCut(event);
    else if (event.kind === 'sealed') open?.arrivals.arrive(event.pack);
    else open?.arrivals.failed(event);
  });
  let ended = false;
  const endRun = (error: unknown): void => {
    ended = true;
    dispatch?.fail(error);
  };
  const stopIfEnded = (): void => {
    if (ended || options.signal?.aborted === true) throw new CofferError('cancelled');
  };

  const prepare = async (): Promise<OpenRun> => {
    const vault = await opening;
    stopIfEnded();
    const about = { racyFromMs: startedMs - racyMs, sources: present };
    open = await openRun(ports, vault, about, {
      stopIfEnded,
      endRun,
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
          showProgress();
        },
      },
    );
    dispatch = createDispatch(
      pool,
      {
        listing: assembly.onListing,
        files: assembly.onFiles,
        bigFile: assembly.onBigFile,
      },
      (reads) => {
        if (reads) sendKeys();
        const segment = open?.index.hasTable === true ? open.index.table.growIfNeeded() : null;
        if (segment !== null) pool.broadcast({ kind: 'segment', segment } satisfies GrownSegment);
      },
    );
    return { assembly, known: vaultForAssembly };
  };

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
      if (known.arrivals.failures === failedBefore) break;
      if (attempt === passesMax)
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
    await vault.store.settle();
    await indexWriter.write();
    await vault.store.flush();
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
    });
    writeFolderCache(vault.local, cache, ports.log);
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
      seconds: seconds(),
      notices: vault.notices,
    };
  };
  /** Nothing of this run touches the vault or its spool afterwards, so that the lock may go to another. */
  const end = async (): Promise<void> => {
    ended = true;
    await prepared.catch(() => {});
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
    if (node.loose) return void roots.set(path, { entry: node.entries[0] ?? null, bytes: result.bytes });
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
