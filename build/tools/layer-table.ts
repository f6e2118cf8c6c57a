/**
 * Who may know whom, and who may touch the world: the table behind ARCHITECTURE.md's arrows.
 * Each row carries the reason and the way out, because a rule without them is only in the way.
 */
export type Room = {
  readonly name: string;
  /** Files whose path starts with this belong to the room; the longest match wins. */
  readonly path: string;
  readonly mayUse: readonly string[];
  /** True when the room may use what Node brings along and no package. */
  readonly nodeOnly?: true;
  readonly reason: string;
  readonly instead: string;
};

const codecs = ['base', 'format', 'crypto', 'chunk'];
const adapters = [...codecs, 'storage', 'filesystem'];
const vault = [...adapters, 'pool', 'repository', 'snapshot', 'upkeep'];
const engine = [...vault, 'contract', 'journal', 'agent'];

export const rooms: readonly Room[] = [
  {
    name: 'base',
    path: 'engine/base/',
    mayUse: [],
    reason: 'base lies under every room, so whatever it knew all would know',
    instead: 'take what is needed as a parameter, or move the shared type into base',
  },
  {
    name: 'contract',
    path: 'engine/contract/',
    mayUse: ['base'],
    reason: 'faces that know nothing of the engine read the contract too',
    instead: 'say it in values: codes, figures and names',
  },
  {
    name: 'format',
    path: 'engine/format/',
    mayUse: ['base'],
    reason: 'format turns values into bytes and back, exactly as FORMAT.md says, and does nothing else',
    instead: 'take and return bytes; repository joins codecs with keys and storage',
  },
  {
    name: 'crypto',
    path: 'engine/crypto/',
    mayUse: ['base'],
    reason: 'crypto must be readable on its own by somebody who reviews only it',
    instead: 'take bytes and keys as parameters; repository knows what they mean',
  },
  {
    name: 'chunk',
    path: 'engine/chunk/',
    mayUse: ['base'],
    reason: 'cut points depend on content and key alone',
    instead: 'take the key and the bytes as parameters',
  },
  {
    name: 'storage',
    path: 'engine/storage/',
    // The local store drives a FileSystem, so that the simulated one can drive it; the arrow never points back.
    mayUse: [...codecs, 'filesystem'],
    reason: 'a store keeps named bytes and does not know what they are for or where they came from',
    instead: 'pass names and bytes; policies are decorators in storage/with',
  },
  {
    name: 'filesystem',
    path: 'engine/filesystem/',
    mayUse: codecs,
    reason: "filesystem shows the person's files and does not know what is done with them",
    instead: 'yield entries and let snapshot decide',
  },
  {
    name: 'pool',
    path: 'engine/pool/',
    mayUse: adapters,
    reason: 'pool runs the jobs it is given and knows none of the decisions behind them',
    instead: 'let the room above pass the worker entry and the job in',
  },
  {
    name: 'repository',
    path: 'engine/repository/',
    mayUse: adapters,
    reason: 'repository stores chunks, trees and roots and does not know of pipelines or threads',
    instead: 'take a function or a port as parameter; snapshot puts the two together',
  },
  {
    name: 'snapshot',
    path: 'engine/snapshot/',
    mayUse: [...adapters, 'pool', 'repository'],
    reason: 'snapshot is driven from above and never knows by whom',
    instead: 'report through events or a port that the host passes in',
  },
  {
    name: 'upkeep',
    path: 'engine/upkeep/',
    mayUse: [...adapters, 'pool', 'repository', 'snapshot'],
    reason: 'upkeep keeps a vault sound whoever asks for it, and does not know when or why',
    instead: 'let the agent decide when, and pass in what upkeep needs',
  },
  {
    name: 'journal',
    path: 'engine/journal/',
    mayUse: ['base', 'contract', 'filesystem'],
    reason: 'the journal keeps facts that others observed and decides nothing',
    instead: 'let the agent decide, and write down what happened',
  },
  {
    name: 'agent',
    path: 'engine/agent/',
    mayUse: [...vault, 'contract', 'journal'],
    reason: 'the agent runs in any host, and knows none of them',
    instead: 'take it as a port',
  },
  {
    name: 'engine',
    path: 'engine/index.ts',
    mayUse: engine,
    reason: 'the public face of the engine must work without any of its hosts',
    instead: 'move the shared part down into a room of the engine',
  },
  {
    name: 'hosts',
    path: 'engine/hosts/',
    mayUse: ['base', 'contract', 'engine'],
    reason: 'what a host needs, every other host (the window, a script) needs too, so it belongs to the public face',
    instead: 'import it from engine/index.ts, and export it there if it is missing',
  },
  {
    name: 'restore tool',
    path: 'coffer-restore.mjs',
    mayUse: [],
    nodeOnly: true,
    reason: 'the stand-alone tool must open a vault in ten years with Node and nothing else',
    instead: 'write it from FORMAT.md again; saying it twice is the point',
  },
  {
    name: 'build',
    path: 'build/',
    mayUse: ['base'],
    reason: 'tools look at the code and are no part of it',
    instead: 'read the file, or let the code export what the tool needs from base',
  },
  {
    name: 'test',
    path: 'test/',
    mayUse: [...engine, 'engine', 'hosts', 'restore tool', 'build'],
    reason: 'tests may look everywhere',
    instead: 'nothing to change',
  },
];

/** A file that a thread or process starts at: it may import inner files of rooms, so that it loads only what it runs. */
export const isWorkerEntry = (path: string): boolean => /(^|\/|-)worker\.ts$/.test(path);

/** Rooms whose code reads inner files on purpose. */
export const mayOpenRooms = new Set(['test']);

export type Restriction = {
  readonly names: readonly string[];
  /** Prefixes of the paths that are the adapter, and so may. */
  readonly only: readonly string[];
  readonly reason: string;
  readonly instead: string;
};

/** Modules that only some rooms import; `node:fs` stands for `node:fs/promises` too. */
export const modules: readonly Restriction[] = [
  {
    names: ['node:fs'],
    only: ['engine/filesystem/', 'engine/storage/local/', 'engine/hosts/'],
    reason: 'the disk is a parameter; that is what lets tests fill it, tear it and take it away',
    instead: 'take a FileSystem (engine/filesystem) or a Store (engine/storage)',
  },
  {
    names: ['node:crypto', '@napi-rs/blake-hash', 'hash-wasm', '@scure/bip39'],
    only: ['engine/crypto/', 'engine/base/random.ts'],
    reason: 'what protects the vault stands in one room, where it can be reviewed and tested under every runtime',
    instead: 'call engine/crypto, or take a Random (engine/base) for randomness',
  },
  {
    names: ['cborg'],
    only: [],
    reason: 'bytes on the store are written by the codecs of engine/format; cborg is their second opinion in tests',
    instead: 'add a codec to engine/format',
  },
  {
    names: ['koffi'],
    only: ['engine/filesystem/', 'engine/crypto/native.ts'],
    reason:
      'calls into C can crash the process, so two small modules hold them all: the system in one, codecs in the other',
    instead: 'export what is needed from engine/filesystem, or bind it beside its counterpart in engine/crypto',
  },
  {
    names: ['better-sqlite3'],
    only: ['engine/journal/'],
    reason: 'one writer, one schema, one place that knows SQL',
    instead: 'call a table of engine/journal',
  },
  {
    names: ['typebox'],
    only: [],
    reason: 'what a face says is checked by the shapes of engine/contract; typebox is their second opinion in tests',
    instead: 'say it with a shape in engine/contract',
  },
  {
    names: ['node:worker_threads'],
    only: ['engine/pool/'],
    reason: 'threads start, fail and end in one place',
    instead: 'give the job to engine/pool',
  },
  {
    names: ['@napi-rs/keyring', 'node:child_process', 'node:readline', 'node:tty', 'node:repl'],
    only: ['engine/hosts/'],
    reason:
      'the terminal, the keychain and other programs belong to the host; the engine also runs where there are none',
    instead: 'take a port as parameter and let the host pass it in',
  },
  {
    names: ['node:http', 'node:https', 'node:http2', 'node:net', 'node:tls', 'node:dgram', 'node:dns', 'undici'],
    only: ['engine/storage/', 'engine/hosts/'],
    reason: 'the network is a parameter; that is what lets tests slow it, cut it and take it away',
    instead: 'take a Store (engine/storage)',
  },
  {
    names: ['node:timers', 'node:perf_hooks'],
    only: ['engine/base/clock.ts'],
    reason: 'time is a parameter; that is what lets a simulation run a year in a second',
    instead: 'take a Clock (engine/base): now(), monotonic(), sleep()',
  },
  {
    names: ['vitest', 'fast-check', 'typescript', '@biomejs/biome', 'electron'],
    only: [],
    reason: 'the engine runs under plain Node with the dependencies of package.json alone',
    instead: 'keep it in test/ or build/',
  },
];

/** Globals that only adapters touch: a name alone (`setTimeout`), one member (`Date.now`) or all of them (`performance.*`). */
export const globals: readonly Restriction[] = [
  {
    names: ['Date.now', 'new Date()', 'Date()', 'performance.*', 'process.hrtime', 'process.uptime'],
    only: ['engine/base/clock.ts'],
    reason: 'time is a parameter; that is what lets a simulation run a year in a second',
    instead: 'take a Clock (engine/base): clock.now() for the date, clock.monotonic() for durations',
  },
  {
    names: ['setTimeout', 'setInterval', 'setImmediate', 'AbortSignal.timeout'],
    only: ['engine/base/clock.ts'],
    reason: 'waiting is a parameter; a bare timer makes tests slow and simulations wrong',
    instead: 'take a Clock (engine/base): await clock.sleep(delayMs, signal)',
  },
  {
    names: ['Math.random', 'crypto.*'],
    only: ['engine/base/random.ts', 'engine/crypto/'],
    reason: 'randomness is a parameter; that is what lets one seed replay a failure',
    instead: 'take a Random (engine/base), or call engine/crypto for keys',
  },
  {
    names: ['process.env', 'process.argv', 'process.cwd', 'process.exit', 'process.exitCode'],
    only: ['engine/hosts/'],
    reason: 'the environment belongs to the host; a room that reads it cannot be given another one',
    instead: 'take the value as an option; the host reads the environment',
  },
  {
    names: ['console', 'process.stdout', 'process.stderr', 'process.stdin', 'alert', 'prompt'],
    only: ['engine/hosts/'],
    reason: 'the engine may run where there is no terminal, and words for people live in the catalogue',
    instead: 'take a Log (engine/base), report an event, or throw a CofferError',
  },
  {
    names: ['fetch', 'WebSocket', 'EventSource'],
    only: ['engine/storage/', 'engine/hosts/'],
    reason: 'the network is a parameter; that is what lets tests slow it, cut it and take it away',
    instead: 'take a Store (engine/storage)',
  },
];

/** Where restrictions hold; tests, tools and the restore tool are programs of their own. */
export const restrictedPath = 'engine/';
