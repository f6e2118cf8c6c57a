import { type AgentState, applyPatch } from '../../engine/contract/index.ts';
import { joinPath } from '../../engine/filesystem/index.ts';
import { type Portrait, portraitOfDisk } from '../unit/backup/portrait.ts';
import { filesBelow } from '../unit/backup/world.ts';
import type { Life, RunSeen } from './life.ts';
import { diskOf, type World } from './world.ts';

export class Violation extends Error {}

export function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(what);
}

/** What the agent has said, and what was true then: it has to stay so. */
export type Witness = {
  readonly state: AgentState | null;
  /** Trees that were shown as protected, with the moment. */
  readonly shown: readonly { readonly at: string; readonly tree: Portrait }[];
  /** The first promise that was broken. */
  readonly broken: Error | null;
  follow(life: Life): void;
  /** Something may keep runs from beginning or ending well, or did until now. */
  disturb(): void;
  wake(): void;
  /** The clock was set, or the journal forgot: a slot may be dealt with again. */
  forgetSlots(): void;
  fail(broken: Error): void;
};

/** What is late by this is late by the world's slowness. */
const slackSeconds = 45;

export function createWitness(world: World): Witness {
  const { time } = world;
  const shown: { at: string; tree: Portrait }[] = [];
  const lines = new Set<string>();
  const heads = new Set<string>();
  let state: AgentState | null = null;
  let broken: Error | null = null;
  let freeSinceMs = time.monotonicMs;
  let wokeAtMs = time.monotonicMs;
  let told = '';
  let follows: Life | null = null;

  const fail = (error: Error): void => {
    broken ??= error;
  };
  const noteSafe = (): void => {
    const tree: Portrait = {};
    for (const source of [...world.sources].sort()) {
      if (!world.away.has(source)) Object.assign(tree, portraitOfSource(world, source));
    }
    const line = JSON.stringify(tree);
    if (!lines.has(line)) shown.push({ at: (time.monotonicMs / 1000).toFixed(3), tree });
    lines.add(line);
    if (!world.isDoomed) noteHeads();
  };
  /** What a device has published is never taken back. */
  const noteHeads = (): void => {
    for (const place of world.places) {
      const { url } = place;
      if (world.away.has(url)) continue;
      const now = new Set([...filesBelow(diskOf(world, place), joinPath(url, 'heads')).keys()]);
      for (const head of heads) {
        if (head.startsWith(`${url}/`) && !now.has(head)) fail(new Violation(`the log entry ${head} is gone`));
      }
      for (const head of now) heads.add(head);
    }
  };
  const judge = (): void => {
    if (state === null || world.isOff || follows === null) return;
    const { standing, reason, exposure, coverage } = state;
    const line = `${standing} ${reason?.code ?? ''}`;
    if (line !== told) world.say(`state ${line}`);
    told = line;
    const { seen, saved, leftOut, failed, deferred } = coverage;
    if (seen !== saved + leftOut + failed + deferred)
      fail(new Violation(`of ${seen} entries ${saved} + ${leftOut} + ${failed} + ${deferred} are told`));
    if (reason?.code === 'risk.vaultOlder') fail(new Violation('the vault is said to be older than it was'));
    if (standing === 'safe' && exposure.files === 0 && exposure.seconds === 0 && !follows.ears.hasUnheard) noteSafe();
    judgeExposure(exposure.seconds);
  };
  const judgeExposure = (seconds: number): void => {
    if (world.schedule.kind !== 'continuous') return;
    const mostSeconds = world.schedule.exposureMinutes * 60 + slackSeconds;
    const freeSeconds = (time.monotonicMs - freeSinceMs) / 1000;
    if (seconds > mostSeconds && freeSeconds > mostSeconds)
      fail(new Violation(`changes wait for ${seconds} s though nothing kept a run from saving them`));
  };
  /** Of a schedule by times, with the place: those that were dealt with. */
  const slots = new Set<string>();
  const judged = new WeakSet<RunSeen>();
  /** Waking, as starting, is caught up with once at each place; and each slot is dealt with once. */
  const judgeRuns = (life: Life): void => {
    for (const run of life.runs) {
      if (run.slotMs === null || run.kind !== 'done' || run.deferred > 0) continue;
      if (judged.has(run)) continue;
      judged.add(run);
      const slot = `${run.place} ${run.slotMs}`;
      if (slots.has(slot)) fail(new Violation(`the slot ${run.slotMs} was dealt with twice at place ${run.place}`));
      slots.add(slot);
    }
    for (const [place] of world.places.entries()) {
      const caughtUp = life.runs.filter(
        (run) => run.place === place && run.kind === 'done' && run.reason === 'run.caughtUp' && run.beganMs >= wokeAtMs,
      );
      if (caughtUp.length > 1 && world.schedule.kind === 'continuous')
        fail(new Violation(`place ${place} was caught up with ${caughtUp.length} times`));
    }
  };
  return {
    get state() {
      return state;
    },
    shown,
    get broken() {
      return broken;
    },
    follow(life) {
      state = null;
      told = '';
      follows = life;
      freeSinceMs = world.away.size + world.troubles.size === 0 ? time.monotonicMs : Number.POSITIVE_INFINITY;
      wokeAtMs = time.monotonicMs;
      life.agent.on('state', (patch) => {
        if (!life.isAlive || world.isOff) return;
        state = state === null ? (patch as AgentState) : applyPatch(state, patch); // the first carries all
        judge();
      });
      life.agent.on('activity', ({ kind }) => {
        if (!life.isAlive || world.isOff) return;
        world.say(`agent ${kind}`);
        if (kind === 'runFailed') freeSinceMs = Number.POSITIVE_INFINITY;
        if (kind === 'runDone') {
          // A run that a bad line made long is rested from for as long.
          if (freeSinceMs === Number.POSITIVE_INFINITY && world.away.size + world.troubles.size === 0)
            freeSinceMs = time.monotonicMs + lastTookMs(life);
          judgeRuns(life);
        }
      });
    },
    disturb() {
      freeSinceMs = Number.POSITIVE_INFINITY;
    },
    wake() {
      wokeAtMs = time.monotonicMs;
    },
    forgetSlots: () => slots.clear(),
    fail,
  };
}

function lastTookMs({ runs }: Life): number {
  const last = runs.findLast(({ kind }) => kind === 'done');
  return last === undefined ? 0 : (last.endedMs ?? last.beganMs) - last.beganMs;
}

/** Of a source as it lies on the disk, without what its rules leave out. */
export function portraitOfSource(world: World, source: string): Portrait {
  const all = portraitOfDisk(world.disk, source);
  return Object.fromEntries(Object.entries(all).filter(([path]) => !path.endsWith('.tmp')));
}
