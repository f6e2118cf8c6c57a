import { assert, limits } from '../base/index.ts';
import type { AgentConnection, AgentEvents, Source, Unsubscribe } from '../contract/index.ts';
import { locateFolders, type WatchEvent } from '../filesystem/index.ts';
import { openJournal } from '../journal/index.ts';
import { createOpenedObjects } from '../repository/index.ts';
import { beginWhereItAnswers, endHungRun, suspectWhatHung } from './answers.ts';
import { createApi } from './api.ts';
import { type Core, mayChange, note, readChoices, readPause } from './core.ts';
import { createExposure } from './exposed.ts';
import { statOf } from './glimpse.ts';
import { type Keeper, noteAllChanged, noteEvent } from './keeper.ts';
import { createKeyring } from './keyring.ts';
import { type Loop, startLoop } from './loop.ts';
import { pictureOf } from './picture.ts';
import type { AgentPorts, Identity } from './ports.ts';
import { createReach } from './reach.ts';
import { createReturning } from './returning.ts';
import { stopForbidden } from './runs.ts';
import { decide, forbids, pausedBecause } from './schedule/index.ts';
import { sendingTo } from './sending.ts';
import { situationOf, slotName } from './situation.ts';
import { createStateFeed } from './state-feed.ts';
import { createWatching, type RootMarks } from './watching.ts';

export type Agent = AgentConnection & {
  /**
   * Watches the sources and runs by itself from now on. Without it the agent only answers, and runs when it is asked. It
   * resolves at once: with a million files the watches take seconds, and until they are made the state says `starting`.
   */
  start(): Promise<void>;
};

/**
 * The background engine of one user on one computer.
 *
 *     watch, clock, power, person ─► nudge ─► look: decide for each place ─► run, one at a time ─► journal ─► state ─► faces
 *
 * What it knows stands in the journal as facts; what is dirty is known again after a restart by looking everywhere once. So it
 * may be killed at any moment. A fault of its own is a rejection that nobody handles: it ends the process, and whoever
 * started it starts another.
 */
export function createAgent(given: AgentPorts, identity: Identity): Agent {
  const ports: AgentPorts = { ...given, opened: createOpenedObjects(), uploads: sendingTo(() => core) };
  const { clock } = ports;
  const journal = ports.openJournal?.() ?? openJournal(ports.home, ports);
  const listeners = new Set<(event: AgentEvents['activity']) => void>();
  const closed = Promise.withResolvers<void>();
  const stopping = new AbortController();
  let loop: Loop | null = null;

  const marks: RootMarks = {
    read: journal.roots.read,
    write: (source, mark) => note({ ports }, () => journal.roots.write(source, mark)),
  };
  const hangs = (path: string): boolean => ports.answering.hangsSince(path) !== null;
  const watching = createWatching(ports.watcher, marks, hear);
  const core: Core = {
    ports,
    identity,
    journal,
    keyring: createKeyring(ports.secrets),
    isStarted: false,
    sources: [],
    keepers: [],
    failures: [],
    settings: journal.settings.read(),
    pause: null,
    run: null,
    wokeMs: null,
    decisions: new Map(),
    closing: stopping.signal,
    modeOf: (source) => watching.modeOf(source),
    hangs,
    isThere: ({ id, path }) => !hangs(path) && watching.isThere(id) && statOf(ports.fileSystem, path) !== null,
    changed: () => feed.changed(),
    nudge() {
      feed.changed();
      loop?.nudge();
    },
    noteSlots(atMs) {
      for (const { place } of core.keepers) journal.due.note(slotName(place.id), atMs);
    },
    tell(kind, context = {}, { isProblem } = { isProblem: false }) {
      note(core, () => {
        const activity = journal.activity.add({ atMs: clock.now(), kind, context, isProblem });
        for (const listener of listeners) listener(activity);
      });
    },
  };
  const exposure = createExposure(core);
  const returning = createReturning(core);
  const feed = createStateFeed(() => pictureOf(core, exposure()), clock);
  readChoices(core);
  readPause(core, clock.now());
  // The process that began them is dead, and says how they ended no more.
  for (const run of journal.runs.interrupted()) {
    journal.runs.end(run.id, { kind: 'stopped', endedMs: clock.now() });
    for (const keeper of core.keepers) keeper.wasBrokenOff ||= keeper.place.id === run.place;
  }
  suspectWhatHung(core);

  function hear(source: Source, event: WatchEvent): void {
    // Heard while the source was being removed, or while the agent ends.
    if (core.closing.aborted || !core.sources.some(({ id }) => id === source.id)) return;
    for (const keeper of core.keepers) noteEvent(keeper, source, event, clock.monotonic());
    const { path } = source;
    if (event.kind === 'gone') core.tell('sourceMissing', { path }, { isProblem: true });
    if (event.kind === 'back') core.tell('sourceBack', { path });
    if (event.kind === 'limit') core.tell('watchLimit', { path, remedy: event.remedy }, { isProblem: true });
    core.nudge();
  }

  const follow = async (source: Source): Promise<void> => {
    if (!core.isStarted) return;
    const protectedFolders = locateFolders(ports.fileSystem, [ports.home]);
    const nowSeconds = Math.floor(clock.now() / 1000);
    await watching.follow(source, createReach(ports.fileSystem, source, { protectedFolders, nowSeconds }));
    // What changed while the watch was made was not heard.
    if (mayChange(core, source.id)) {
      for (const keeper of core.keepers) noteAllChanged(keeper, source.id, clock.monotonic());
    }
    core.nudge();
  };
  /** First the ears, then the eyes: what changes while the first run looks is heard. */
  const followThenLook = async (): Promise<void> => {
    await Promise.all(core.sources.map(follow));
    if (!core.closing.aborted) runLoop();
  };

  const look = async ({ woke }: { readonly woke: boolean }): Promise<number | null> => {
    if (woke) wake(core);
    if (woke) returning.woke();
    endPause(core);
    endHungRun(core);
    await returning.look();
    if (core.closing.aborted) return null;
    let nextMs: number | null = null;
    for (const keeper of core.keepers.toSorted(byTurn)) {
      const decision = decide(situationOf(core, keeper));
      core.decisions.set(keeper, decision);
      if (decision.kind === 'run' && core.run === null) await beginWhereItAnswers(core, keeper, decision);
      else if (decision.kind !== 'run' && decision.untilMs !== null)
        nextMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, decision.untilMs);
    }
    if (core.run !== null) stopForbidden(core, forbids(situationOf(core, core.run.keeper)));
    feed.changed();
    return nextMs;
  };
  const runLoop = (): void => {
    loop ??= startLoop({ clock, tickMs: limits.agentTickMs, step: look });
  };

  const heard: Unsubscribe[] = [];
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    stopping.abort();
    for (const stop of heard) stop();
    await loop?.close();
    core.run?.stop();
    await core.run?.ended;
    await watching.close();
    if (core.isStarted) core.tell('stopped');
    feed.close();
    journal.close();
    closed.resolve();
  };
  const api = createApi(core, () => pictureOf(core, exposure()), {
    async look() {
      runLoop();
      await look({ woke: false });
    },
    follow,
    unfollow: (source) => watching.unfollow(source),
    end: () => void clock.sleep(0).then(() => (closing ??= close())),
  });
  return {
    api,
    on(name, listener) {
      if (name === 'state') return feed.subscribe(listener as (event: AgentEvents['state']) => void);
      const hearing = listener as (event: AgentEvents['activity']) => void;
      listeners.add(hearing);
      return () => void listeners.delete(hearing);
    },
    async start() {
      assert(!core.isStarted, 'an agent is started once');
      core.isStarted = true;
      // Before anything is said: nobody listened until now, so nobody knows what has changed.
      for (const { id } of core.sources)
        for (const keeper of core.keepers) noteAllChanged(keeper, id, clock.monotonic());
      core.tell('started');
      if (journal.rebuilt) core.tell('journalRebuilt', {}, { isProblem: true });
      heard.push(ports.power.onChange(core.nudge), ports.network.onChange(core.nudge));
      void followThenLook();
    },
    closed: closed.promise,
    close: () => (closing ??= close()),
  };
}

/**
 * Whose last run is the longest ago comes first: what one place has left for a next run does not keep the others from theirs.
 * In a new agent whose run was broken off comes last: a place that hangs when it is written to would else be all that is tried.
 */
const byTurn = (left: Keeper, right: Keeper): number =>
  lastMs(left) - lastMs(right) || Number(left.wasBrokenOff) - Number(right.wasBrokenOff);
const lastMs = ({ lastRun }: Keeper): number => lastRun?.endedMs ?? -1;

/** The world may be another one: whatever was under way is begun again, and everything is looked at once. */
function wake(core: Core): void {
  core.wokeMs = core.ports.clock.monotonic();
  core.tell('woke');
  // A run that ended in this moment seems to have taken the whole night, and the next would wait ten times as long.
  for (const keeper of core.keepers) if (keeper.lastRun !== null) keeper.lastRun = { ...keeper.lastRun, tookMs: 0 };
  // One that catches up goes on: on a computer so busy that it seems to sleep again and again, none would ever end.
  if (core.run?.state.reason.code !== 'run.caughtUp') core.run?.stop();
}

/** A pause that is over is over for good: another night on battery is no reason to pause again. */
function endPause(core: Core): void {
  const [keeper] = core.keepers;
  if (core.pause === null || keeper === undefined || pausedBecause(situationOf(core, keeper)) !== null) return;
  core.pause = null;
  note(core, () => core.journal.pause.write(null));
  core.tell('resumed');
}
