import { join } from 'node:path';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { bareComputer, type Computer, passphrase } from '../support/coffer.ts';
import { type Daemon, daemonOf } from '../support/daemon.ts';
import { outsideDifferences } from '../support/outside.ts';
import { restlessPerson } from './restless-person.ts';

/**
 * The promise as a person would test it: files change without a pause while the daemon is killed again and again; in the end
 * everything is there.
 *
 *     start ─► (edit … edit, kill -9, start) × kills ─► edits end ─► wait until safe ─► check every byte ─► restore, compare
 */
export type AgentKills = {
  readonly seconds: number;
  readonly kills: number;
  readonly seed: number;
};

export type AgentKillsResult = {
  readonly deeds: number;
  /** From the start of a process to its first answer, the slowest. */
  readonly slowestStart: number;
  /** Runs that were confirmed in between. */
  readonly snapshots: number;
  readonly faults: readonly string[];
};

export async function agentKillRounds({ seconds, kills, seed }: AgentKills): Promise<AgentKillsResult> {
  const computer = bareComputer('coffer-restless');
  const daemon = daemonOf(computer);
  const random = seededRandom(seed);
  const folder = computer.at('files');
  const person = restlessPerson(folder, random);
  try {
    for (let deed = 0; deed < 40; deed++) person.act();
    await must(computer, ['places', 'add', computer.store], { COFFER_PASSPHRASE: passphrase });
    await must(computer, ['sources', 'add', folder]);
    let slowestStart = 0;
    let deeds = 40;
    for (let kill = 0; kill <= kills; kill++) {
      slowestStart = Math.max(slowestStart, (await daemon.start()).seconds);
      const untilMs = performance.now() + (2_000 * seconds * random.integer(1_000)) / 1_000 / (kills + 1);
      while (performance.now() < untilMs) {
        person.act();
        deeds++;
        await pause(random.integer(150));
      }
      if (kill < kills) await daemon.kill();
    }
    const faults = await judge(computer, daemon, folder);
    const snapshots = await computer.json<{ snapshots: unknown[] }>(['snapshots']);
    return { deeds, slowestStart, snapshots: snapshots.snapshots.length, faults };
  } finally {
    await daemon.kill();
    computer.remove();
  }
}

async function judge(computer: Computer, daemon: Daemon, folder: string): Promise<string[]> {
  const faults: string[] = [];
  const waited = await computer.coffer(['wait', '--until', 'safe', '--timeout', '60s']);
  if (waited.exit !== 0) {
    const { out } = await computer.coffer(['status', '--json']);
    faults.push(`not safe after a minute (${waited.exit} ${waited.err}): ${out}`);
  }
  if ((await daemon.stop()) !== 0) faults.push('the daemon did not end well');
  const check = await computer.coffer(['check', '--read-data']);
  if (check.exit !== 0) faults.push(`the vault does not check: ${check.out}${check.err}`);
  const target = computer.at('restored');
  const restored = await computer.coffer(['restore', 'latest', '--target', target]);
  if (restored.exit !== 0) faults.push(`restore ended with ${restored.exit}: ${restored.err}`);
  faults.push(...outsideDifferences(folder, join(target, folder)));
  if (daemon.complaints !== '') faults.push(`the daemon complained: ${daemon.complaints.slice(0, 2_000)}`);
  return faults;
}

async function must(computer: Computer, args: readonly string[], environment: Record<string, string> = {}) {
  const ran = await computer.coffer(args, { environment });
  if (ran.exit !== 0) throw new Error(`coffer ${args.join(' ')} ended with ${ran.exit}: ${ran.err}`);
}

const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));
