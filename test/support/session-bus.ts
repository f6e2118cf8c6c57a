import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { hasProgram } from './outside.ts';

/** A session bus of its own with a real Secret Service, as a desktop has them. */

export type Keyring = 'unlocked' | 'locked' | 'none';

export type SessionBus = AsyncDisposable & {
  /** What a program needs to find the bus. */
  readonly environment: Readonly<Record<string, string>>;
};

/** Why there can be no such session here; null where there can be one. */
export function sessionBusMissing(): string | null {
  const missing = ['dbus-run-session', 'gnome-keyring-daemon'].filter((program) => !hasProgram(program));
  return missing.length === 0 ? null : `needs ${missing.join(' and ')} (Debian: dbus, gnome-keyring)`;
}

/** Without services that start by themselves: no other keyring comes up, and nobody is prompted to unlock this one. */
const busConfig = (folder: string): string => `<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=${folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

const daemon = 'gnome-keyring-daemon --components=secrets';
const starts: Readonly<Record<Keyring, string>> = {
  // The first unlocking makes the keyring with this password.
  unlocked: `printf 'the password of the login' | ${daemon} --unlock`,
  locked: `${daemon} --start`,
  none: ':',
};

/** Keyrings are kept in `folder`, from one session to the next. The session ends, with its daemon, when disposed of. */
export async function startSessionBus(folder: string, keyring: Keyring): Promise<SessionBus> {
  const runtime = join(folder, 'runtime');
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  const config = join(folder, 'bus.conf');
  writeFileSync(config, busConfig(folder));
  const script = `${starts[keyring]} >/dev/null || exit; echo "$DBUS_SESSION_BUS_ADDRESS"; cat >/dev/null`;
  const session = spawn('dbus-run-session', ['--config-file', config, '--', 'sh', '-c', script], {
    env: { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: runtime },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => session.once('close', () => resolve()));
  const address = await firstLine(session);
  if (address === '') throw new Error(`no session bus with a keyring that is ${keyring}`);
  return {
    environment: { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime },
    async [Symbol.asyncDispose]() {
      session.stdin?.end();
      await ended;
    },
  };
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) return '';
  return await new Promise((resolve) => {
    const lines = createInterface(stdout);
    lines.once('line', resolve);
    lines.once('close', () => resolve(''));
  });
}
