import type { PackId } from '../../base/index.ts';
import { keyPrefixes } from '../../format/index.ts';
import {
  type CheckResult,
  checkVault,
  createReadings,
  type Finding,
  type KnownPack,
  loadIndex,
  type Ports,
  type Readings,
  readDistrusted,
  sweptPacks,
  tryToRemember,
  type Vault,
  type VaultIndex,
  type VerifyPacks,
  writeDistrusted,
} from '../../repository/index.ts';
import { type Coverage, chooseToRead, coverageOf, type Reach, type ReadPack } from './choose.ts';

export type VerifyOptions = {
  readonly reach: Reach;
  readonly signal?: AbortSignal;
  /** At most ten times a second. `naming`: something is damaged, and it is found out which files that concerns. */
  readonly onProgress?: (progress: VerifyProgress) => void;
};

export type VerifyProgress = {
  readonly phase: 'reading' | 'naming';
  readonly done: number;
  readonly total: number;
  readonly bytes: number;
};

export type VerifyResult = Coverage & {
  readonly packsRead: number;
  readonly bytesRead: number;
  /** As a check tells them; none while all that was read is whole. */
  readonly findings: readonly Finding[];
  /** Files that cannot be restored whole, counted once for each snapshot. */
  readonly affectedFiles: number;
  readonly seconds: number;
  /** Calm remarks for the person, in words. */
  readonly notices: readonly string[];
};

/** As often as a person can follow. */
const progressEveryMs = 100;

/**
 * Reads the packs whose turn it is, and proves every byte of them. What was read when is remembered also when it is stopped.
 *
 *     packs listed ─► those not read for longest ─► read whole ─► remembered ─► damage? a check says what it means for the files
 *
 * Nothing is changed at the place; packs that are damaged are not counted on by the next backup, which so stores again what
 * they held. Packs under a sweep mark are no longer needed and are not read.
 */
export async function verifyVault(
  vault: Vault,
  ports: Ports,
  verify: VerifyPacks,
  options: VerifyOptions,
): Promise<VerifyResult> {
  const { signal } = options;
  const startedAt = ports.clock.monotonic();
  const nowMs = ports.clock.now();
  const index = await loadIndex(vault, {
    without: sweptPacks(vault.logs),
    salvage: true,
    ...(signal ? { signal } : {}),
  });
  const readings = createReadings(vault.local);
  for (const { id } of index.packs.values()) readings.see(id, nowMs);
  const suspicious = suspiciousPacks(vault, index);
  const chosen = choose(index, { readings, suspicious, reach: options.reach, nowMs });
  const damaged = new Set<PackId>();
  const figures = { packsRead: 0, bytesRead: 0 };
  const tell = progressOf(ports, options);
  let notice: string | null = null;
  const remember = (): void => {
    notice = tryToRemember(ports.home, () => {
      const present = new Set([...index.packs.values()].map(({ id }) => id));
      readings.save(present);
      if (damaged.size > 0) writeDistrusted(vault.local, readDistrusted(vault.local).union(damaged));
    });
  };
  try {
    await verify(
      chosen.map(({ id, length, encoded }) => ({ pack: id, length, directory: encoded })),
      ({ pack, bytesRead, reason }) => {
        figures.packsRead++;
        figures.bytesRead += bytesRead;
        readings.note(pack, reason === null ? 'whole' : 'damaged', ports.clock.now());
        if (reason !== null) damaged.add(pack);
        tell({ phase: 'reading', done: figures.packsRead, total: chosen.length, bytes: figures.bytesRead });
      },
      signal,
    );
  } finally {
    remember();
  }
  const inTrouble = damaged.size > 0 || suspicious.size > 0 || index.missing.length > 0;
  const check = inTrouble ? await findOut(vault, ports, verify, { ...options, tell }) : null;
  return {
    ...coverageOf(readPacks(index, readings), nowMs),
    packsRead: figures.packsRead,
    bytesRead: figures.bytesRead + (check?.bytesRead ?? 0),
    findings: check?.findings ?? [],
    affectedFiles: check?.affectedFiles ?? 0,
    seconds: (ports.clock.monotonic() - startedAt) / 1000,
    notices: [...new Set([...(notice === null ? [] : [notice]), ...(check?.notices ?? [])])].filter(
      (text) => !vault.notices.includes(text),
    ),
  };
}

/** Those that were found damaged here before, and those that cannot say what is in them. */
function suspiciousPacks(vault: Vault, index: VaultIndex): Set<string> {
  const suspicious = new Set<string>(readDistrusted(vault.local));
  for (const { key } of index.damaged) {
    if (key.startsWith(keyPrefixes.packs)) suspicious.add(key.slice(key.lastIndexOf('/') + 1));
  }
  return suspicious;
}

/** Whatever is suspicious is read beside what is asked for: perhaps it is whole again. */
function choose(
  index: VaultIndex,
  of: {
    readonly readings: Readings;
    readonly suspicious: ReadonlySet<string>;
    readonly reach: Reach;
    readonly nowMs: number;
  },
): KnownPack[] {
  const waiting = readPacks(index, of.readings).filter(({ pack }) => !of.suspicious.has(pack));
  const chosen = new Set<string>(chooseToRead(waiting, of.reach, of.nowMs).map(({ pack }) => pack));
  return [...index.packs.values()].filter(({ id }) => chosen.has(id) || of.suspicious.has(id));
}

function readPacks(index: VaultIndex, readings: Readings): ReadPack[] {
  return [...index.packs.values()].map(({ id, length }) => {
    const { state, turn, atMs } = readings.of(id) ?? { state: 'seen', turn: 0, atMs: 0 };
    return { pack: id, bytes: length, state, turn, sinceMs: atMs };
  });
}

/** A check reads again what is not trusted, and knows which files need it; and whether it is whole again. */
async function findOut(
  vault: Vault,
  ports: Ports,
  verify: VerifyPacks,
  { signal, tell }: Pick<VerifyOptions, 'signal'> & { readonly tell: (progress: VerifyProgress) => void },
): Promise<CheckResult> {
  return await checkVault(vault, ports, verify, {
    readData: 'none',
    onProgress: (progress) => tell({ phase: 'naming', ...progress }),
    ...(signal ? { signal } : {}),
  });
}

function progressOf({ clock }: Ports, { onProgress }: VerifyOptions): (progress: VerifyProgress) => void {
  let shownAt = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = clock.monotonic();
    if (now - shownAt < progressEveryMs && progress.done < progress.total) return;
    shownAt = now;
    onProgress?.(progress);
  };
}
