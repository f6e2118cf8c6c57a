// Makes `npm start` and `npm test` work on a fresh clone: installs the locked dependencies when they are missing or stale,
// and finds the pinned Node among them. Runs under any Node from 18 on and imports nothing that must be installed first.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const projectFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The package that carries Node for this computer; the lock file pins its bytes. */
const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

const readPackages = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return undefined;
  }
};

/**
 * True when what npm last installed is what the lock file asks for. Optional packages may be absent (they belong to other
 * systems), except the one that carries Node for this computer.
 */
export const isInstalled = (folder = projectFolder) => {
  const wanted = readPackages(join(folder, 'package-lock.json'));
  const present = readPackages(join(folder, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || present === undefined) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const installed = present[path];
    const mayBeAbsent = (entry.optional || entry.devOptional) && path !== `node_modules/${nodePackage}`;
    if (installed === undefined && mayBeAbsent) continue;
    if (installed?.version !== entry.version || installed.integrity !== entry.integrity) return false;
  }
  return Object.keys(present).every((path) => path in wanted);
};

/** Installs exactly the lock file's packages. Says so on stderr, since stdout belongs to the command that follows. */
export const ensureInstalled = ({ quiet = false, folder = projectFolder } = {}) => {
  if (isInstalled(folder)) return;
  if (!quiet || process.stderr.isTTY) process.stderr.write('Installing the locked dependencies (once) …\n');
  const args = ['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath?.endsWith('.js')
    ? { command: process.execPath, args: [process.env.npm_execpath, ...args], shell: false }
    : { command: 'npm', args, shell: process.platform === 'win32' };
  const result = spawnSync(npm.command, npm.args, {
    cwd: folder,
    shell: npm.shell,
    stdio: ['ignore', quiet ? 'pipe' : 2, quiet ? 'pipe' : 2],
    encoding: 'utf8',
  });
  if (result.status === 0 && isInstalled(folder)) return;
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  const reason =
    result.error?.message ??
    (result.status === 0 ? 'a locked package is still missing' : `npm ended with ${result.status ?? result.signal}`);
  throw new Error(
    `Could not install the dependencies: ${reason}. Check the network and run "npm ci" to see the details.`,
  );
};

/** The Node that runs Coffer: the pinned one, or this one where no package carries it and this one is new enough. */
export const findNode = (folder = projectFolder) => {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const pinned = join(folder, 'node_modules', nodePackage, 'bin', name);
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new Error(
    `Coffer needs Node 24 or newer; this is Node ${process.versions.node} and none is packaged for ${nodePackage.slice(5)}. Install Node 24 and try again.`,
  );
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    ensureInstalled({ quiet: process.argv.includes('--quiet') });
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
