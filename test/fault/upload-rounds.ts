import { CofferError, isCofferError } from '../../engine/base/index.ts';
import type { FileSystem } from '../../engine/filesystem/index.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { checkVault, idAt, loadIndex } from '../../engine/repository/index.ts';
import { type BackupResult, verifyPacksOf } from '../../engine/snapshot/index.ts';
import { createTime, type VirtualTime } from '../simulation/time.ts';
import { createFarStore, createNetwork, type Network, type NetworkFaults } from '../support/far-store.ts';
import { portraitOfDisk, portraitOfSnapshot } from '../unit/backup/portrait.ts';
import { walkAll } from '../unit/backup/walker.ts';
import {
  bulk,
  createWorld,
  homeFolder,
  objectsIn,
  open,
  portsOn,
  runBackup,
  sourceFolder,
  storeFolder,
  type World,
  write,
} from '../unit/backup/world.ts';

/**
 * Row 6: one computer, and a place at the other end of a bad network.
 *
 *     change files ─► back up, again until it is done ─► ... ─► check every byte, compare, count what was sent
 */
export type UploadRound = {
  readonly seed: number;
  readonly backups: number;
  /** Runs that ended before they were done, by what they said. */
  readonly failures: readonly string[];
  /** Bytes at the place, and bytes that went over the line for them. */
  readonly needed: number;
  readonly sent: number;
  readonly largest: number;
  /** What broke the promise, in words. */
  readonly faults: readonly string[];
};

const wallMs = 1_700_000_000_000 + 6 * 3_600_000;
const spoolOf = (disk: FileSystem): string[] => {
  const vaults = `${homeFolder}/vaults`;
  if (disk.lstatIfThere(vaults) === null) return [];
  return disk.list(vaults).flatMap((vault) => {
    const names = disk.list(`${vaults}/${vault}`).filter((name) => name.startsWith('spool-'));
    return names.flatMap((name) => disk.list(`${vaults}/${vault}/${name}`));
  });
};

/** A world with its own time, and lives of the program that use it one after another. */
type Line = {
  readonly world: World;
  readonly time: VirtualTime;
  readonly network: Network;
  readonly faults: Partial<NetworkFaults>;
  readonly bytesPerSecond: number;
  lives: number;
};

type Life = { isAlive: boolean };

async function makeLine(seed: number, parts: Pick<Line, 'faults' | 'bytesPerSecond'>): Promise<Line> {
  const world = await createWorld({ seed });
  return { world, time: createTime(wallMs), network: createNetwork(), ...parts, lives: 0 };
}

/** What a life that has ended still had in mind never reaches the disk. */
function diskOf(disk: FileSystem, life: Life): FileSystem {
  const calls = Object.entries(disk).map(([name, call]) => {
    if (typeof call !== 'function') return [name, call];
    const gated = (...values: readonly unknown[]): unknown => {
      if (!life.isAlive) throw new CofferError('cancelled');
      return (call as (...passed: readonly unknown[]) => unknown)(...values); // passes on what it was given
    };
    return [name, gated];
  });
  return Object.fromEntries(calls) as FileSystem; // the same names
}

/** A backup, until it is done or the life ends. */
async function backUp(line: Line, killAfterMs = Number.POSITIVE_INFINITY): Promise<BackupResult | CofferError | null> {
  const { world, time, network, faults, bytesPerSecond } = line;
  const life: Life = { isAlive: true };
  const number = ++line.lives;
  const clock = time.clockOf(life);
  const fileSystem = diskOf(world.disk, life);
  const running = runBackup(world, {
    ...{ clock, fileSystem, seed: world.seed * 1000 + number },
    wrapStore: (inner) =>
      createFarStore({
        ...{ inner, fileSystem, clock, network, faults, bytesPerSecond, latencyMs: 80 },
        seed: world.seed * 100 + number,
      }),
  });
  let end: BackupResult | CofferError | null = null;
  let mistake: unknown = null;
  running.then(
    (result) => {
      end = result;
    },
    (error: unknown) => {
      if (isCofferError(error)) end = error;
      else mistake = error;
    },
  );
  const startMs = time.monotonicMs;
  while (end === null && mistake === null && time.monotonicMs - startMs < killAfterMs) await time.advance(200);
  life.isAlive = false;
  network.underWay = 0;
  if (mistake !== null) throw mistake;
  if (end === null) world.disk.restart();
  return end;
}

function change(world: World, random: ReturnType<typeof seededRandom>, megabytes: number): void {
  const { disk } = world;
  for (let bytes = 0; bytes < megabytes * 1e6; ) {
    const length = random.integer(4) === 0 ? 1 + random.integer(6_000_000) : 1 + random.integer(400_000);
    write(disk, `${sourceFolder}/${random.integer(9)}/${random.integer(40)}`, bulk(length, random.integer(2 ** 31)));
    bytes += length;
  }
  disk.syncVolume('/');
}

/** Runs until one is done; each says why it is not. */
const runsMost = 12;

export async function uploadRound(seed: number): Promise<UploadRound> {
  const random = seededRandom(seed * 977 + 3);
  const share = (most: number): number => (random.integer(1000) / 1000) * most;
  const faults: NetworkFaults = {
    ...{ reset: share(0.1), lostRequest: share(0.2), lostAnswer: share(0.2), duplicated: share(0.4) },
    ...{ silent: share(0.03), deaf: share(0.02), slow: share(0.2) },
  };
  const line = await makeLine(seed, { faults, bytesPerSecond: 100_000 * 10 ** share(2) });
  const failures: string[] = [];
  const wrong: string[] = [];
  const backups = 2 + random.integer(2);
  for (let backup = 0; backup < backups; backup++) {
    change(line.world, random, 2 + random.integer(10));
    let result: BackupResult | CofferError | null = null;
    for (let run = 1; run <= runsMost && (result === null || isCofferError(result)); run++) {
      const goesDown = random.integer(4) === 0;
      const [downMs, forMs] = [random.integer(60_000), random.integer(300_000)];
      if (goesDown) void takeDown(line, downMs, forMs);
      result = await backUp(line);
      if (isCofferError(result)) failures.push(result.code);
      await line.time.advance(30_000);
    }
    if (result === null || isCofferError(result)) wrong.push(`backup ${backup} was never done`);
  }
  line.network.isDown = false;
  // What was begun long ago and nobody waits for has its say too.
  await line.time.advance(1_000_000);
  return { seed, backups, failures, ...figures(line), faults: [...wrong, ...(await faultsOf(line))] };
}

async function takeDown({ time, network }: Line, afterMs: number, forMs: number): Promise<void> {
  const clock = time.clockOf({ isAlive: true });
  await clock.sleep(afterMs);
  network.isDown = true;
  await clock.sleep(forMs);
  network.isDown = false;
}

function figures({ world, network }: Line): Pick<UploadRound, 'needed' | 'sent' | 'largest'> {
  // The config and its slots were there before.
  const sizes = objectsIn(world.disk)
    .filter((key) => !/^(config|keys\/)/.test(key))
    .map((key) => world.disk.lstat(`${storeFolder}/${key}`).size);
  const needed = sizes.reduce((sum, size) => sum + size, 0);
  return { needed, sent: network.sentBytes, largest: Math.max(0, ...sizes) };
}

/** Every byte at the place is right, what it shows is what the disk holds, and nothing is there twice or left over. */
async function faultsOf({ world }: Line): Promise<string[]> {
  const faults: string[] = [];
  const ports = portsOn(world.disk, { home: `/judge/${world.runs++}`, clock: world.clock });
  const vault = await open(world, ports, 'read');
  try {
    const { findings } = await checkVault(vault, ports, verifyPacksOf(vault, ports), { readData: 'all' });
    faults.push(...findings.map(({ key, kind }) => `check: ${kind} ${key}`));
    const index = await loadIndex(vault, { without: new Set() });
    const chunks = new Set<string>();
    for (const pack of index.packs.values()) {
      const { chunkCount, chunkIds } = pack.directory();
      for (let chunk = 0; chunk < chunkCount; chunk++) {
        const id = Buffer.from(idAt(chunkIds, chunk)).toString('hex');
        if (chunks.has(id)) faults.push(`the chunk ${id.slice(0, 8)} was stored twice`);
        chunks.add(id);
      }
    }
  } finally {
    await vault.close();
  }
  const newest = (await walkAll(world)).at(-1);
  const [shown, disk] = [
    newest === undefined ? {} : portraitOfSnapshot(newest),
    portraitOfDisk(world.disk, sourceFolder),
  ];
  for (const path of new Set([...Object.keys(shown), ...Object.keys(disk)])) {
    if (shown[path] !== disk[path]) faults.push(`${path} is ${shown[path]}, not ${disk[path]}`);
  }
  const left = spoolOf(world.disk);
  if (left.length > 0) faults.push(`left in the spool: ${left.join(' ')}`);
  return faults;
}

export type KillRound = {
  readonly seed: number;
  readonly wasKilled: boolean;
  /** Sealed packs that waited when the program was killed. */
  readonly spooled: number;
  readonly faults: readonly string[];
};

/** A good line, and a program that is killed at any moment: what it had sealed is sent, once but for what was under way. */
export async function killedUpload(seed: number): Promise<KillRound> {
  const random = seededRandom(seed * 31 + 17);
  const line = await makeLine(seed, { faults: {}, bytesPerSecond: 200_000 });
  change(line.world, random, 10 + random.integer(30));
  const first = await backUp(line, random.integer(60_000));
  const { sentBytes: sentBefore, mostUnderWay } = line.network;
  const sealed = spoolOf(line.world.disk).filter((name) => name.startsWith('packs_'));
  const faults: string[] = [];
  if (first === null || isCofferError(first)) {
    const second = await backUp(line);
    if (second === null || isCofferError(second)) faults.push(`the next run was not done: ${second?.code}`);
  }
  for (const name of sealed) {
    if (!objectsIn(line.world.disk).includes(name.replaceAll('_', '/'))) faults.push(`${name} was sealed again`);
  }
  const { needed, sent, largest } = figures(line);
  if (sent > needed + mostUnderWay * largest)
    faults.push(`${sent} bytes sent, ${needed} needed, ${sentBefore} before the kill`);
  faults.push(...(await faultsOf(line)));
  return { seed, wasKilled: first === null, spooled: sealed.length, faults };
}
