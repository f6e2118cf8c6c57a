import { assert, silentLog } from '../../engine/base/index.ts';
import type { Schedule, SourceRules } from '../../engine/contract/index.ts';
import {
  createSimulatedFileSystem,
  type SimulatedFileSystem,
  seededRandom,
} from '../../engine/filesystem/simulated/index.ts';
import { type Journal, openJournal } from '../../engine/journal/index.ts';
import { createVault } from '../../engine/repository/index.ts';
import { createNetwork, type Network, type NetworkFaults } from '../support/far-store.ts';
import { filesBelow, makeFolders, portsOn, write } from '../unit/backup/world.ts';
import { createTime, type VirtualTime } from './time.ts';

/** The same seed gives the same world, the same events and the same trace. */
export type Dice = {
  integer(below: number): number;
  chance(percent: number): boolean;
  of<T>(items: readonly T[]): T;
  between(from: number, to: number): number;
};

export type PlaceHere = {
  readonly url: string;
  readonly vault: string;
  readonly phrase: string;
  /** Behind a network, on a computer that never fails. */
  readonly isFar: boolean;
};

/** A network as it is now; shared by all agents that live on the computer. */
export type Line = {
  readonly network: Network;
  /** How often a place did not take an object that it was sent, by key. */
  readonly refused: Map<string, number>;
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
  readonly faults: { -readonly [fault in keyof NetworkFaults]: number };
};

/** One computer with its disk, its clock and its person's choices; agents live and die on it. */
export type World = {
  readonly seed: number;
  readonly dice: Dice;
  readonly time: VirtualTime;
  readonly disk: SimulatedFileSystem;
  /** Of the computer that far places are on. */
  readonly server: SimulatedFileSystem;
  readonly line: Line;
  readonly places: readonly PlaceHere[];
  /** As the person chose them now. */
  readonly sources: Set<string>;
  readonly schedule: Schedule;
  readonly trace: string[];
  say(line: string): void;
  /** What the disk has of the journal; null: nothing. */
  journal: Uint8Array | null;
  /** A copy of the journal that somebody made; null: none that a newer choice would not give away. */
  olderJournal: Uint8Array | null;
  /** Sources and places that are unplugged. */
  readonly away: Set<string>;
  /** What else keeps runs from beginning or from ending well. */
  readonly troubles: Set<string>;
  readonly power: { onBattery: boolean; percent: number };
  isOff: boolean;
  /** The power will go at some call to the disk: only the agent makes any. */
  isDoomed: boolean;
  lives: number;
};

export const goodLine = {
  reset: 0,
  lostRequest: 0,
  lostAnswer: 0,
  duplicated: 0,
  silent: 0,
  deaf: 0,
  slow: 0,
} as const;

/** Where the objects of a place lie. */
export const diskOf = ({ disk, server }: World, { isFar }: PlaceHere): SimulatedFileSystem => (isFar ? server : disk);

/** Of a disk that is as good as full. */
export const spareBytes = 8192;

export const dataFolder = '/data';
export const homeFolder = '/home/coffer';
export const awayFolder = '/unplugged';
export const rules: SourceRules = { patterns: ['*.tmp'], presets: [], cacheDirTag: true, oneFileSystem: true };

/** Hours after the simulated disk's own time, so that nothing it holds counts as just changed. */
const startWallMs = 1_700_000_000_000 + 6 * 3_600_000;

type Template = Omit<PlaceHere, 'isFar'> & { readonly files: ReadonlyMap<string, Uint8Array> };
const templates: Promise<Template>[] = [];

/** Empty vaults, made once: each passphrase slot costs a third of a second. */
function templateOf(number: number): Promise<Template> {
  templates[number] ??= makeTemplate(number);
  return templates[number];
}

async function makeTemplate(number: number): Promise<Template> {
  const disk = createSimulatedFileSystem({ seed: 7 });
  const url = `/places/${number}`;
  makeFolders(disk, '/places');
  const { vault, recoveryPhrase } = await createVault(portsOn(disk, { seed: 70 + number }), {
    store: url,
    passphrase: 'battery',
  });
  return { url, vault, phrase: recoveryPhrase, files: filesBelow(disk, url) };
}

export async function createWorld(seed: number): Promise<World> {
  const dice = diceOf(seed);
  const disk = createSimulatedFileSystem({ seed });
  const server = createSimulatedFileSystem({ seed });
  const all = [await templateOf(0), await templateOf(1)];
  const places: PlaceHere[] = [];
  for (const template of dice.chance(30) ? all : all.slice(0, 1)) {
    // The first world of a process loads what only far places need.
    const isFar = places.length === 0 && (dice.chance(20) || seed === 0);
    for (const [path, bytes] of template.files) write(isFar ? server : disk, path, bytes);
    places.push({ url: template.url, vault: template.vault, phrase: template.phrase, isFar });
  }
  const line: Line = {
    network: createNetwork(),
    refused: new Map(),
    latencyMs: dice.of([5, 60, 300]),
    bytesPerSecond: dice.of([50_000, 1_000_000]),
    faults: { ...goodLine },
  };
  const sources = [`${dataFolder}/documents`, `${dataFolder}/photos`];
  for (const folder of [...sources, homeFolder, awayFolder]) makeFolders(disk, folder);
  disk.syncVolume('/');
  const time = createTime(startWallMs);
  const schedule: Schedule = dice.chance(75)
    ? { kind: 'continuous', quietSeconds: 3, exposureMinutes: dice.of([1, 2, 15]) }
    : { kind: 'times', minutes: Array.from({ length: 24 * 12 }, (_, slot) => slot * 5), days: [] };
  const trace: string[] = [];
  const world: World = {
    ...{ seed, dice, time, disk, server, line, places, sources: new Set(sources), schedule, trace },
    say: (line) => void trace.push(`${(time.monotonicMs / 1000).toFixed(3)} ${line}`),
    journal: null,
    olderJournal: null,
    away: new Set(),
    troubles: new Set(),
    power: { onBattery: false, percent: 90 },
    isOff: false,
    isDoomed: false,
    lives: 0,
  };
  world.journal = journalOfChoices(world);
  return world;
}

/** What a journal that is begun anew holds: the choices, which lie beside it. */
export function journalOfChoices(world: World): Uint8Array {
  const { sources, places, schedule, troubles } = world;
  const choices = JSON.stringify([[...sources], places.map(({ url }) => url), schedule, troubles.has('pause')]);
  const known = journals.get(choices) ?? makeJournal(world);
  journals.set(choices, known);
  return known;
}

/** Few choices can be made; an agent takes a copy. */
const journals = new Map<string, Uint8Array>();

function makeJournal(world: World): Uint8Array {
  const journal = openJournal(null, { fileSystem: world.disk, log: silentLog });
  for (const path of world.sources) journal.sources.add(path, rules);
  for (const { url, vault } of world.places) journal.places.add(url, vault);
  journal.settings.write({ ...journal.settings.read(), schedule: world.schedule });
  if (world.troubles.has('pause')) journal.pause.write({ until: 'resumed', untilMs: null });
  const bytes = journal.serialise();
  journal.close();
  return bytes;
}

export const openKept = (world: World): Journal =>
  openJournal(world.journal, { fileSystem: world.disk, log: silentLog });

export function diceOf(seed: number): Dice {
  const random = seededRandom(seed * 2_654_435 + 11);
  return {
    integer: (below) => random.integer(below),
    chance: (percent) => random.integer(100) < percent,
    between: (from, to) => from + random.integer(to - from + 1),
    of: (items) => {
      const item = items[random.integer(items.length)];
      assert(item !== undefined, 'there is something to draw from');
      return item;
    },
  };
}
