import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Random } from '../../base/index.ts';
import type { BackupResult, Engine, Ports, Vault } from '../engine.ts';
import { countOf, formatBytes, formatSeconds } from '../text/figures.ts';
import { shortName } from '../text/names.ts';
import { formatTime } from '../text/times.ts';
import { compareFolders } from './compare.ts';
import { changeSample, insertedBytes, makeSample } from './sample.ts';

export type Tour = {
  readonly engine: Engine;
  /** An empty folder; all that happens, happens in it. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly user: string;
  readonly host: string;
  readonly signal: AbortSignal;
  say(line: string): void;
};

type Place = { readonly ports: Ports; readonly store: string; readonly source: string; readonly passphrase: string };

/** Everything that matters once, in the order in which a person meets it. Resolves to whether all was as promised. */
export async function runTour(tour: Tour): Promise<boolean> {
  const { engine, folder, random, say } = tour;
  const place: Place = {
    ports: engine.createPorts({ home: join(folder, 'home') }),
    store: join(folder, 'drive/vault'),
    source: join(folder, 'Documents'),
    passphrase: Buffer.from(random.bytes(12)).toString('base64'),
  };
  mkdirSync(join(folder, 'drive'));
  makeSample(place.source, random);
  const picture = readFileSync(join(place.source, 'photos/lake.raw'));

  say('1  A vault');
  const { recoveryPhrase } = await engine.createVault(place.ports, place);
  say(`   made at ${place.store}`);
  say(
    `   Its recovery phrase has ${recoveryPhrase.split(' ').length} words; they open it when everything else is lost.`,
  );

  say('2  The first backup');
  say(`   ${protectedLine(await backup(tour, place))}`);

  changeSample(place.source, picture, random);
  say('3  A day goes by: a file edited, one added, one deleted,');
  say(`   and ${countOf(insertedBytes, 'byte')} put into the middle of a picture of ${formatBytes(picture.length)}`);

  say('4  The second backup');
  const second = await backup(tour, place);
  say(`   ${protectedLine(second)}`);
  say('   Only new pieces were stored: the vault had all the rest.');
  return await inVault(tour, place, (vault) => lookAndRestore(tour, place, vault));
}

async function lookAndRestore(tour: Tour, place: Place, vault: Vault): Promise<boolean> {
  const { engine, say } = tour;
  say('5  The snapshots');
  for (const { id, finished, files, bytes } of vault.snapshots) {
    say(`   ${shortName(id)}  ${formatTime(finished)}  ${countOf(files, 'file')}, ${formatBytes(bytes)}`);
  }
  const [older] = vault.snapshots;
  const newer = engine.findSnapshot(vault, 'latest');
  if (older === undefined) return false;
  say('6  What changed between them');
  for await (const { change, path } of engine.diffSnapshots(vault, older, newer)) {
    if (change !== 'metadata') say(`   ${change.padEnd(8)}  ${path.slice(place.source.length + 1)}`);
  }

  const moved = join(tour.folder, 'what-was-there');
  renameSync(place.source, moved);
  say('7  The folder is gone. Restored to where it was:');
  const plan = await engine.planRestore(place.ports, vault, {
    snapshot: newer,
    paths: [],
    target: null,
    userHome: tour.folder,
  });
  const { files, bytes, seconds } = await engine.executeRestore(place.ports, vault, plan, { signal: tour.signal });
  say(`   ${countOf(files, 'file')}, ${formatBytes(bytes)}, in ${formatSeconds(seconds)}`);
  const differences = compareFolders(moved, place.source);
  say(
    differences.length === 0
      ? '   Compared with what was there, byte by byte, with permissions, times and links: identical'
      : `   It is not what was there: ${differences.slice(0, 5).join('; ')}`,
  );

  say('8  A file as it was before');
  say(
    `   notes/diary.txt had ${countOf(await linesOf(tour, vault, join(place.source, 'notes/diary.txt')), 'line')}, now one more`,
  );
  return (await check(tour, place, vault)) && differences.length === 0;
}

async function check({ engine, say, signal }: Tour, { ports }: Place, vault: Vault): Promise<boolean> {
  say('9  The vault verified, every byte of it');
  const { findings, packs, bytesRead, seconds } = await engine.checkVault(ports, vault, { readData: 'all', signal });
  const damage = findings.filter(({ kind }) => kind !== 'unused');
  const state = damage.length === 0 ? 'whole' : `damaged: ${damage.map(({ detail }) => detail).join('; ')}`;
  say(`   ${countOf(packs, 'pack')}, ${formatBytes(bytesRead)} read, in ${formatSeconds(seconds)}: ${state}`);
  return damage.length === 0;
}

async function linesOf({ engine }: Tour, vault: Vault, path: string): Promise<number> {
  const [older] = vault.snapshots;
  if (older === undefined) return 0;
  let lines = 0;
  await engine.readFile(vault, older, path, async (bytes) => {
    for (const byte of bytes) if (byte === 10) lines++;
  });
  return lines;
}

async function backup(tour: Tour, place: Place): Promise<BackupResult> {
  const { engine, signal } = tour;
  const vault = engine.openVault(place.ports, { ...openingOf(tour, place), mode: 'write' });
  try {
    return await engine.backup(place.ports, vault, {
      paths: [place.source],
      rules: { patterns: [], presets: [], cacheDirTag: true },
      oneFileSystem: true,
      tags: [],
      app: 'coffer tour',
      host: tour.host,
      user: tour.user,
      userHome: tour.folder,
      signal,
    });
  } finally {
    await (await vault).close();
  }
}

async function inVault<Result>(tour: Tour, place: Place, work: (vault: Vault) => Promise<Result>): Promise<Result> {
  const vault = await tour.engine.openVault(place.ports, { ...openingOf(tour, place), mode: 'read' });
  try {
    return await work(vault);
  } finally {
    await vault.close();
  }
}

const openingOf = ({ signal }: Tour, { store, passphrase }: Place) => ({
  store,
  signal,
  secret: async () => ({ kind: 'passphrase', passphrase }) as const,
});

function protectedLine({ files, bytes, storedBytes, seconds }: BackupResult): string {
  return `Protected. ${countOf(files, 'file')}, ${formatBytes(bytes)}, in ${formatSeconds(seconds)}; stored ${formatBytes(storedBytes)}`;
}
