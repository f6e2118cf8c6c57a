import { assert, CofferError, limits } from '../../base/index.ts';
import { type BoundaryOptions, withLongPaths } from '../../filesystem/index.ts';
import {
  absentForWriters,
  createIndexWriter,
  loadIndex,
  type Ports,
  publishSnapshot,
  type Vault,
  type VaultIndex,
} from '../../repository/index.ts';
import { type Arrivals, createArrivals } from './arrivals.ts';
import { type Assembly, createAssembly } from './assembly.ts';
import { readFolderCache, writeFolderCache } from './cache-file.ts';
import { startBackupCrew } from './crew.ts';
import { createDispatch, type Dispatch } from './dispatch.ts';
import { draftOf, excludedOf, type Root, sourceEntry, totalBytes } from './draft.ts';
import { assemblyVault, parentOf, racyMs } from './earlier.ts';
import { folderXattrs } from './entries.ts';
import { emptyCounts, type FolderResult, type RunCounts } from './folder-cache.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { emptyTally, type Failure, type Listing, statWidth, writeStat } from './listing.ts';
import { rootNode } from './nodes.ts';
import type { GrownSegment, ReadSetup } from './setup.ts';
import { locateOwn, refuseOwn, resolveSources, type Source } from './sources.ts';
import type { FolderNode } from './tasks.ts';
import { createTreeStore, type TreeStore } from './tree-store.ts';
import type { BackupOptions, BackupResult, LeftOutPath } from './types.ts';

/** A pack that failed is stored again by another pass over what relied on it; then the place is at fault. */
const passesMax = 3;
const progressEveryMs = 100;
const leftOutListed = 1000;

/** What scanning and reading share once the vault is open. */
type OpenRun = {
  readonly vault: Vault;
  readonly index: VaultIndex;
  readonly trees: TreeStore;
  readonly arrivals: Arrivals;
  readonly bundles: Promise<unknown>[];
  ledger: Ledger;
};

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
    const sources = resolveSources(ports.fileSystem, options.paths);
    const boundary = { otherFileSystems: options.otherFileSystems, protectedFolders: locateOwn(ports) };
    refuseOwn(ports, sources, boundary);
    run = createRun(ports, opening, options, sources, boundary);
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
  sources: readonly Source[],
  boundary: BoundaryOptions,
) {
  const { clock } = ports;
  const fileSystem = withLongPaths(ports.fileSystem);
  const startedMs = clock.now();
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
  const rules = { nowSeconds: Math.floor(startedMs / 1000), ...options.rules };
  const crew = options.crew?.() ?? startBackupCrew(ports);
  const { pool } = crew;
  crew.begin({ sources: sources.map(() => ({ rules, boundary })) }, (event) => {
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
    const index = await loadIndex(vault, { without: absentForWriters(vault) });
    stopIfEnded();
    await vault.store.prepareSpool(vault.spoolOwner);
    const writer = createIndexWriter(vault, ports);
    await nameLooseFinds(vault, index, writer);
    const arrivals = createArrivals(ports, { vault, index, writer, indexBytes: limits.indexBytes }, endRun);
    const bundles: Promise<unknown>[] = [];
    const trees = createTreeStore(vault, index, (bundle) => {
      sendKeys();
      const job = pool.run('bundle', bundle, { transfer: [bundle.bytes.buffer as ArrayBuffer] });
      job.catch(endRun);
      bundles.push(job);
    });
    open = {
      vault,
      index,
      trees,
      arrivals,
      bundles,
      ledger: createLedger(index, readFolderCache(vault.local), startedMs - racyMs),
    };
    indexWriter = writer;
    return open;
  };
  /** Workers get keys and the table of chunks only when there is something to read or store. */
  const sendKeys = (): void => {
    if (keysSent || open === null) return;
    keysSent = true;
    pool.broadcast(setupFor(open.vault, open.index));
  };
  let keysSent = false;
  let indexWriter: ReturnType<typeof createIndexWriter> | null = null;
  const prepared = prepare();
  prepared.catch(() => {});

  const startPass = (): Assembly => {
    changedBefore = Math.max(changedBefore, counts.changed);
    counts = emptyCounts();
    failures = [];
    leftOut = [];
    roots = new Map();
    figures.doneBytes = 0;
    const vaultForAssembly = prepared.then((known) => assemblyVault(known, sources, startedMs, fileSystem));
    vaultForAssembly.catch(() => {});
    const assembly = createAssembly(
      fileSystem,
      sources.map((source) => source.stat.device),
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
    return assembly;
  };

  const pass = async (): Promise<void> => {
    const assembly = startPass();
    const release = current().hold();
    const abort = (): void => endRun(new CofferError('cancelled'));
    if (options.signal?.aborted === true) abort();
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      for (const [number, source] of sources.entries()) addSource(assembly, source, number);
      const ready = prepared.then((known) => {
        current().allowReading();
        release();
        return known;
      });
      ready.catch(endRun);
      await current().idle;
      const known = await ready;
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
      known.ledger = known.ledger.nextPass();
    }
    // What is left to do is done here; meanwhile the threads end.
    crew.end().catch(() => {}); // awaited in `end`
    const known = await prepared;
    const { vault, index, arrivals } = known;
    assert(indexWriter !== null, 'a prepared run');
    assert(
      counts.seen === counts.files + counts.folders + counts.others + excludedOf(counts) + counts.failed,
      'saved + excluded + failed = seen',
    );
    const entries = sources.map((source) => sourceEntry(source, roots));
    for (const { entry } of entries)
      if (entry.kind === 'file' && entry.content !== null) known.ledger.addIds(entry.content);
    const { cache, needed } = known.ledger.finish();
    stopIfEnded();
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
      parentOf(vault, sources),
    );
    const published = await publishSnapshot(vault, ports, draft, {
      packs: needed,
      isDurable: (pack) => arrivals.isDurable(pack) || index.numberOf(pack) !== undefined,
    });
    writeFolderCache(
      vault.local,
      sources.map((source) => source.path),
      cache,
      ports.log,
    );
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
    const { path } = sourceOf(sources, node.source);
    if (node.loose) return void roots.set(path, { result, loose: node.entries[0] ?? null, xattrs: [] });
    const { xattrs, code } = result.failed === null ? folderXattrs(fileSystem, path) : { xattrs: [], code: null };
    if (code !== null) {
      counts.folders--;
      counts.failed++;
      failures.push({ path, code });
    }
    roots.set(path, { result, loose: null, xattrs });
  }

  function addSource(assembly: Assembly, source: Source, number: number): void {
    const { path, name, stat } = source;
    const base = { name, relative: '', source: number, depth: 0, parent: null, stat };
    if (stat.kind === 'folder') return assembly.addSource(rootNode({ ...base, path }));
    const stats = new Float64Array(statWidth);
    writeStat(stats, 0, stat);
    const isFile = stat.kind === 'file';
    const tally = { ...emptyTally(), files: isFile ? 1 : 0, others: isFile ? 0 : 1, bytes: isFile ? stat.size : 0 };
    const listing: Listing = {
      path,
      names: name,
      stats,
      digest: new Uint8Array(0),
      seen: 1,
      tally,
      leftOut: [],
      failures: [],
      failed: null,
    };
    const folder = path.slice(0, Math.max(1, path.lastIndexOf('/')));
    assembly.addLoose(rootNode({ ...base, path: folder, loose: true }), listing);
  }
}

/** Packs that an earlier run stored and no index names yet (it was killed): named now, so that they are never lost sight of. */
async function nameLooseFinds(
  vault: Vault,
  index: VaultIndex,
  writer: ReturnType<typeof createIndexWriter>,
): Promise<void> {
  for (const [number, pack] of index.packs) {
    if (pack.indexed) continue;
    const { id, length, type, encoded } = pack;
    writer.add({ number, id, type, path: '', length, directory: encoded });
  }
  if (writer.waitingBytes === 0) return;
  await vault.store.settle();
  await writer.write();
}

function setupFor(vault: Vault, index: VaultIndex): ReadSetup {
  const { pack, chunkId, chunker } = vault.keys;
  assert(vault.store.spool !== null, 'a store that takes files');
  return {
    kind: 'setup',
    vault: vault.id,
    keys: { pack, chunkId, chunker },
    idAlgorithm: vault.params.idAlgorithm,
    chunker: vault.params.chunker,
    level: vault.params.level,
    spool: vault.store.spool,
    spoolPrefix: vault.spoolOwner,
    segments: index.table.segments,
    packCounter: index.packCounter,
  };
}

function sourceOf(sources: readonly Source[], number: number): Source {
  const source = sources[number];
  assert(source !== undefined, 'a known source');
  return source;
}
