import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { CofferError } from '../../base/index.ts';
import type { BareSession } from '../cli/session.ts';
import { systemReason } from '../text/reasons.ts';

/** Where the agent of this COFFER_HOME and its supervisor keep what they need to find each other. */
export type Places = {
  readonly home: string;
  readonly lock: string;
  /** Who holds the lock, for people. */
  readonly holder: string;
  readonly log: string;
  /** There when a supervisor gave up. */
  readonly gaveUp: string;
  readonly socket: string;
  /** The supervisor's. */
  readonly control: string;
};

export async function placesOf({ host, home }: Pick<BareSession, 'host' | 'home'>): Promise<Places> {
  const { socketPathOf } = await host.rpc();
  const environment = {
    platform: host.platform,
    userId: process.getuid?.() ?? -1,
    runtimeFolder: host.environment.XDG_RUNTIME_DIR,
    temporaryFolder: tmpdir(),
  };
  return {
    home,
    lock: join(home, 'agent.lock'),
    holder: join(home, 'agent.json'),
    log: join(home, 'agent.log'),
    gaveUp: join(home, 'agent-gave-up.json'),
    socket: socketPathOf(home, environment),
    control: socketPathOf(join(home, 'supervisor'), environment),
  };
}

/** For this user alone. */
export function makeHome(home: string): void {
  try {
    for (const folder of [home, join(home, 'supervisor')]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CofferError('home.unusable', { path: home, detail: systemReason(error) }, error);
  }
}
