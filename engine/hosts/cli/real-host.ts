import { lstatSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import packageJson from '../../../package.json' with { type: 'json' };
import { CofferError, exitCodes, systemClock } from '../../base/index.ts';
import { createAgent, rpc } from '../daemon/wiring.ts';
import type { Host } from './host.ts';
import { keyboardOf, outputStreamOf } from './streams.ts';

/** The real world for the command line, and what signals mean. Called once: it listens to signals from then on. */
export function realHost(): Host {
  const host: Host = {
    args: process.argv.slice(2),
    environment: process.env,
    folder: process.cwd(),
    platform: process.platform,
    userHome: homedir(),
    userName: nameOfUser(),
    hostName: hostname(),
    processId: process.pid,
    version: packageJson.version,
    clock: systemClock,
    signal: stopSignal(),
    uncaught: new Promise((_, reject) => {
      // Rejections that nobody awaits end up here too.
      process.on('uncaughtException', reject);
    }),
    keyboard: keyboardOf(() => process.stdin),
    out: outputStreamOf(process.stdout),
    err: outputStreamOf(process.stderr),
    isThere,
    program: programWords(),
    engine: () => import('../../index.ts'),
    attach: async (asked) => (await import('./agent/connect.ts')).connectAgent(host, asked),
    rpc,
    createAgent,
    keychain: async () =>
      (await import('../secrets/keychain.ts')).loadKeychain({ platform: process.platform, environment: process.env }),
  };
  return host;
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // What may not be looked at is there, or at least the engine can say more about it.
    return true;
  }
}

/** bin/coffer chooses Node and its flags; Windows runs no such scripts. */
function programWords(): Host['program'] {
  if (process.platform !== 'win32') return [fileURLToPath(new URL('../../../bin/coffer', import.meta.url))];
  return [process.execPath, ...process.execArgv, fileURLToPath(new URL('main.ts', import.meta.url))];
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return process.env.USER ?? '';
  }
}

/** The first signal asks the command to end well; the second ends it at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCodes.cancelled);
      controller.abort(new CofferError('cancelled'));
    });
  }
  return controller.signal;
}
