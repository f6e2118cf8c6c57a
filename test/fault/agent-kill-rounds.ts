import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { toHex } from '../../engine/base/index.ts';
import { seededRandom } from '../../engine/filesystem/simulated/index.ts';
import { decodeRefs } from '../../engine/format/index.ts';
import { makeComputer } from '../support/coffer.ts';
import { daemonOf } from '../support/daemon.ts';
import { beginGuarding, guardedBy, pause } from '../support/guarded.ts';
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
  /** Runs that were confirmed. */
  readonly snapshots: number;
  /** Kills while a run was under way. */
  readonly duringRuns: number;
  readonly packs: number;
  /** That no snapshot needs: what was stored and had to be stored again, after however many kills. */
  readonly orphans: number;
  readonly faults: readonly string[];
};

export async function agentKillRounds({ seconds, kills, seed }: AgentKills): Promise<AgentKillsResult> {
  const computer = await makeComputer('coffer-restless');
  const daemon = daemonOf(computer);
  const random = seededRandom(seed);
  const guarded = guardedBy(computer, daemon, computer.at('files'));
  const person = restlessPerson(guarded.files, random);
  let slowestStart = 0;
  let deeds = 0;
  let duringRuns = 0;
  const act = (): void => {
    person.act();
    deeds++;
  };
  try {
    while (deeds < 40) act();
    for (let kill = 0; kill <= kills; kill++) {
      slowestStart = Math.max(slowestStart, (await daemon.start()).seconds);
      // In the first life the person chooses, in all the others it is known already. The exposure makes runs begin although
      // there is no quiet moment.
      if (kill === 0) await beginGuarding(guarded, { schedule });
      const lifeMs = (2_000 * seconds * random.integer(1_000)) / 1_000 / (kills + 1);
      for (const untilMs = performance.now() + lifeMs; performance.now() < untilMs; await pause(random.integer(150)))
        act();
      if (kill === kills) break;
      duringRuns += (await daemon.api.state()).run === null ? 0 : 1;
      await daemon.kill();
    }
    await guarded.untilSafe(60_000);
    const faults = await guarded.faults();
    const { snapshots } = await computer.json<{ snapshots: number }>(['stats']);
    const { packs, orphans } = packsOf(computer.store);
    return { deeds, slowestStart, snapshots, duringRuns, packs, orphans, faults };
  } finally {
    await daemon.kill();
    computer.remove();
  }
}

const schedule = { kind: 'continuous', quietSeconds: 0.1, exposureMinutes: 1 / 60 } as const;

/** What snapshots need stands in clear beside them. */
function packsOf(store: string): { readonly packs: number; readonly orphans: number } {
  const filesIn = (folder: string): string[] =>
    readdirSync(join(store, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const needed = new Set<string>();
  for (const path of filesIn('refs')) {
    const refs = decodeRefs(readFileSync(path), path);
    for (let at = 0; at < refs.added.length; at += 32) needed.add(toHex(refs.added.subarray(at, at + 32)));
  }
  const packs = filesIn('packs');
  return { packs: packs.length, orphans: packs.filter((path) => !needed.has(basename(path))).length };
}
