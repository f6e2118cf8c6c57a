// How each program is called, with its default settings throughout. Everything a program keeps outside its repository (cache,
// keys, configuration) lies in the vault's own `home`, so that no run profits from another and nothing on this computer is
// touched.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { Invocation } from './measure.ts';

export const programNames = ['coffer', 'restic', 'rustic', 'borg'] as const;
export type ProgramName = (typeof programNames)[number];

/** One repository of one program, for one workload of one round. */
export type Vault = { readonly repository: string; readonly home: string };

export type Program = {
  readonly name: ProgramName;
  /** Without its name: "0.18.1". */
  readonly version: string;
  /** False for a peer that gives the top folder of a restore the time of the restore: its own gap, and no reason to stop. */
  readonly keepsTopTime: boolean;
  readonly create: (vault: Vault) => Invocation;
  /** `serial` numbers the snapshots of a vault from 1, since borg wants a name for each. */
  readonly backup: (vault: Vault, folder: string, serial: number) => Invocation;
  /** Afterwards the folder lies in `target` under its absolute path. */
  readonly restore: (vault: Vault, target: string, serial: number) => Invocation;
};

const projectFolder = join(import.meta.dirname, '..', '..');
const unpackScript = join(projectFolder, '..', 'shared', 'peers', 'unpack.sh');
const passphrase = 'a passphrase for the bench';

const baseEnv = (home: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  LC_ALL: 'C.UTF-8',
  HOME: home,
});

/** The last line of `coffer backup --json`; the bench believes no figure of it, but a failure it does. */
export const objectionToBackup = (stdout: string): string | undefined => {
  const line = stdout.trim().split('\n').at(-1) ?? '';
  let summary: unknown;
  try {
    summary = JSON.parse(line);
  } catch {
    return `the last line is not JSON: ${line.slice(0, 200)}`;
  }
  if (typeof summary !== 'object' || summary === null) return 'the last line is not a JSON object';
  const { snapshot, failed } = summary as Readonly<Record<string, unknown>>;
  if (typeof snapshot !== 'string') return 'the summary names no snapshot';
  return failed === 0 ? undefined : `the summary says that ${failed} files failed`;
};

const coffer = (command: string, version: string): Program => {
  const call = (vault: Vault, args: readonly string[]): Invocation => ({
    command,
    args,
    env: { ...baseEnv(vault.home), COFFER_PASSPHRASE: passphrase, COFFER_HOME: join(vault.home, 'coffer') },
    cwd: vault.home,
  });
  return {
    name: 'coffer',
    version,
    keepsTopTime: true,
    create: (vault) => call(vault, ['init', '--store', vault.repository]),
    backup: (vault, folder) => ({
      ...call(vault, ['backup', '--store', vault.repository, folder, '--json']),
      objection: objectionToBackup,
    }),
    restore: (vault, target) => call(vault, ['restore', '--store', vault.repository, 'latest', '--target', target]),
  };
};

const restic = (command: string, version: string): Program => {
  const call = (vault: Vault, args: readonly string[]): Invocation => ({
    command,
    args,
    env: {
      ...baseEnv(vault.home),
      RESTIC_REPOSITORY: vault.repository,
      RESTIC_PASSWORD: passphrase,
      RESTIC_CACHE_DIR: join(vault.home, 'cache'),
    },
    cwd: vault.home,
  });
  return {
    name: 'restic',
    version,
    keepsTopTime: true,
    create: (vault) => call(vault, ['init']),
    backup: (vault, folder) => call(vault, ['backup', folder]),
    restore: (vault, target) => call(vault, ['restore', 'latest', '--target', target]),
  };
};

const rustic = (command: string, version: string): Program => {
  const call = (vault: Vault, args: readonly string[]): Invocation => ({
    command,
    args,
    env: {
      ...baseEnv(vault.home),
      RUSTIC_REPOSITORY: vault.repository,
      RUSTIC_PASSWORD: passphrase,
      RUSTIC_CACHE_DIR: join(vault.home, 'cache'),
      RUSTIC_NO_PROGRESS: 'true',
    },
    cwd: vault.home,
  });
  return {
    name: 'rustic',
    version,
    keepsTopTime: false,
    create: (vault) => call(vault, ['init']),
    backup: (vault, folder) => call(vault, ['backup', folder]),
    restore: (vault, target) => call(vault, ['restore', 'latest', target]),
  };
};

const borg = (command: string, version: string): Program => {
  const call = (vault: Vault, args: readonly string[], cwd = vault.home): Invocation => ({
    command,
    args,
    env: {
      ...baseEnv(vault.home),
      BORG_REPO: vault.repository,
      BORG_PASSPHRASE: passphrase,
      BORG_BASE_DIR: vault.home,
      BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
      BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
    },
    cwd,
  });
  return {
    name: 'borg',
    version,
    keepsTopTime: true,
    create: (vault) => call(vault, ['init', '--encryption', 'repokey']),
    backup: (vault, folder, serial) => call(vault, ['create', `::backup-${serial}`, folder]),
    restore: (vault, target, serial) => call(vault, ['extract', `::backup-${serial}`], target),
  };
};

/** "0.18.1" out of what the program says about itself; nothing when it cannot be run. */
const versionOf = (command: string, argument: string): string | undefined => {
  const result = spawnSync(command, [argument], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return result.status === 0 ? /\d+\.\d+[\w.+-]*/.exec(result.stdout)?.[0] : undefined;
};

/** The folder that came with the project, unpacked once; nothing where it is not there or not for this computer. */
const unpackPeers = (folder: string): string | undefined => {
  if (!existsSync(unpackScript) || process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  mkdirSync(folder, { recursive: true });
  return spawnSync('sh', [unpackScript, folder], { stdio: 'ignore' }).status === 0 ? folder : undefined;
};

/** The unpacked program of that name, else the system's. */
const locate = (unpacked: string | undefined, name: string): string => {
  const file =
    unpacked &&
    readdirSync(unpacked)
      .filter((entry) => entry.startsWith(`${name}-`))
      .sort()
      .at(-1);
  return unpacked && file ? join(unpacked, file) : name;
};

export type Found = { readonly programs: readonly Program[]; readonly missing: readonly ProgramName[] };

export const findPrograms = (wanted: ReadonlySet<ProgramName>, peersFolder: string): Found => {
  const unpacked = unpackPeers(peersFolder);
  const makers: Readonly<Record<ProgramName, () => Program | undefined>> = {
    coffer: () => probe(coffer, join(projectFolder, 'bin', 'coffer'), '--version'),
    restic: () => probe(restic, locate(unpacked, 'restic'), 'version'),
    rustic: () => probe(rustic, locate(unpacked, 'rustic'), '--version'),
    borg: () => probe(borg, 'borg', '--version'),
  };
  const probe = (
    make: (command: string, version: string) => Program,
    command: string,
    argument: string,
  ): Program | undefined => {
    const version = versionOf(command, argument);
    return version === undefined ? undefined : make(command, version);
  };
  const names = programNames.filter((name) => wanted.has(name));
  const programs = names.map((name) => makers[name]()).filter((program) => program !== undefined);
  const present = new Set(programs.map((program) => program.name));
  return { programs, missing: names.filter((name) => !present.has(name)) };
};
