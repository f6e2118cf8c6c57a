import { assert, type CofferError, isCofferError } from '../base/index.ts';
import type { Reason, RunState } from '../contract/index.ts';
import { createPulse } from '../filesystem/index.ts';
import type { RunOutcome } from '../journal/index.ts';
import type { BackupProgress, BackupResult } from '../snapshot/index.ts';
import { type Core, mayChange, note, readFailures } from './core.ts';
import { deferralAfter } from './deferral.ts';
import { dirtSpan, type Keeper, type Task, takeTask } from './keeper.ts';
import { paceNow } from './pace.ts';
import { type RunEnd, runPlace } from './place-run.ts';
import { createProgress } from './progress/index.ts';
import { coverageOf } from './run-figures.ts';
import { readMsOf } from './run-time.ts';
import { troubleOf } from './run-trouble.ts';
import { decide } from './schedule/index.ts';
import { situationOf, slotName } from './situation.ts';
import { createStandstill } from './standstill.ts';
import { triesAfter } from './tries.ts';

/** Fine enough for a wait that is drawn by chance. */
const randomSteps = 1_000_000;

export type Beginning = { readonly reason: Reason; readonly whole: boolean };

/**
 * Begins a run over one place; it goes on beside the loop.
 *
 *     take what is dirty ─► journal: begun ─► backup ─► journal: done, failed or stopped ─► nudge the loop
 *                └──────────────── put back what is dirty ◄────────── unless done
 */
export function beginRun(core: Core, keeper: Keeper, { reason: why, whole }: Beginning): void {
  assert(core.run === null, 'one run at a time');
  const { ports, sources } = core;
  const beganMs = ports.clock.monotonic();
  const startedMs = ports.clock.now();
  const anyway = keeper.asked?.anyway === true || keeper.deferral?.anyway === true;
  const pace = paceNow(core.settings.pace, ports.power.read());
  keeper.asked = null;
  const id = beginInJournal(core, keeper, { reason: why, startedMs });
  if (id === null) return;
  // It is under way, and no more about to be.
  core.decisions.set(keeper, { kind: 'idle', untilMs: null, nextRunMs: null });
  const task = takeTask(keeper, {
    sources,
    whole,
    presenceOf: (source) => {
      if (core.isThere(source)) return 'there';
      return core.modeOf(source.id) === 'absent' ? 'missed' : 'absent';
    },
    isWatched: ({ id }) => core.modeOf(id) === 'events',
  });
  ports.takePace?.(pace);
  const stopping = new AbortController();
  const progress = createProgress();
  let state: RunState = { ...beginning, id, reason: why, startedMs, place: keeper.place.id, pace };
  const onProgress = (now: BackupProgress): void => {
    const figures = progress.update(now, ports.clock.monotonic());
    state = { ...state, ...figures, phase: now.scanning ? 'scanning' : now.sending ? 'sending' : 'reading' };
    core.changed();
  };
  const pulse = createPulse();
  const work = runPlace({ ...ports, fileSystem: pulse.watch(ports.fileSystem) }, core.identity, {
    place: keeper.place,
    sources: task.sources,
    pace,
    keyring: core.keyring,
    signal: stopping.signal,
    pulse: pulse.shared,
    bound: {
      readMs: (ports.readMs ?? readMsOf)(core.settings.schedule, keeper.deferral?.stuckRuns ?? 0),
      begun: keeper.begun,
    },
    kept: keeper.kept,
    onProgress,
  });
  const ended = work.then((end) => endRun(core, keeper, { id, beganMs, startedMs, anyway, task, end }));
  core.run = {
    keeper,
    task,
    anyway,
    ended,
    get state() {
      return state;
    },
    standstill: createStandstill(pulse, ports.clock),
    stop: () => stopping.abort(),
  };
  core.changed();
}

/** Null where the disk of the journal is full: that is a run that failed. */
function beginInJournal(
  core: Core,
  keeper: Keeper,
  { reason: why, startedMs }: { readonly reason: Reason; readonly startedMs: number },
): number | null {
  try {
    return core.journal.runs.begin({ place: keeper.place.id, reason: why, startedMs });
  } catch (error) {
    if (!isCofferError(error, 'disk.full')) throw error;
    keeper.trouble = troubleOf(error, keeper.place);
    noteEnd(core, keeper, { tookMs: 0, hasFailed: true });
    return null;
  }
}

const beginning = {
  phase: 'opening',
  foundFiles: 0,
  foundBytes: 0,
  doneBytes: 0,
  readBytes: 0,
  newBytes: 0,
  storedBytes: 0,
  bytesPerSecond: 0,
  secondsLeft: null,
} as const;

type Ended = {
  readonly id: number;
  readonly beganMs: number;
  readonly startedMs: number;
  readonly anyway: boolean;
  readonly task: Task;
  readonly end: RunEnd;
};

function endRun(core: Core, keeper: Keeper, { id, beganMs, startedMs, anyway, task, end }: Ended): void {
  const { journal, ports } = core;
  const endedMs = ports.clock.now();
  const endedAtMs = ports.clock.monotonic();
  noteEnd(core, keeper, {
    tookMs: costOf(core, keeper, { task, end }, endedAtMs - beganMs),
    hasFailed: end.kind === 'failed' || end.kind === 'sourceGone',
  });
  if (end.kind !== 'done') task.putBack((source) => mayChange(core, source));
  keeper.wasBrokenOff = false;
  core.run = null;
  const context = { run: id, place: keeper.place.url };
  const wholeMs = task.isWhole ? startedMs : (keeper.deferral?.wholeMs ?? null);
  switch (end.kind) {
    case 'done':
      keeper.trouble = null;
      keeper.confirmedMs = beganMs;
      keeper.tries = triesAfter(keeper.tries, end.result.failures, endedAtMs);
      if (task.isWhole) keeper.wholeScan = { beganMs, beganWallMs: startedMs };
      keeper.deferral = deferralAfter(keeper.deferral, {
        deferred: end.result.deferred,
        oldestMs: dirtSpan(task.taken.values())?.oldestMs ?? beganMs,
        ...{ anyway, wholeMs },
      });
      note(core, () =>
        journal.transaction(() => {
          journal.runs.end(id, outcomeOf(end.result, endedMs));
          journal.failures.replace(keeper.place.id, end.result.failures, endedMs);
          // A slot is dealt with when nothing of it is left.
          if (wholeMs !== null && keeper.deferral === null) journal.due.note(slotName(keeper.place.id), wholeMs);
        }),
      );
      readFailures(core);
      for (const notice of end.result.notices) core.tell('notice', { ...context, notice }, { isProblem: true });
      core.tell('runDone', { ...context, ...toldOf(end.result) });
      break;
    case 'failed':
      keeper.trouble = troubleOf(end.error, keeper.place);
      note(core, () => journal.runs.end(id, failureOf(end.error, endedMs)));
      core.tell('runFailed', { ...textOf(end.error.context), ...context, error: end.error.code }, { isProblem: true });
      break;
    case 'stopped':
    case 'sourceGone':
      note(core, () => journal.runs.end(id, { kind: 'stopped', endedMs }));
  }
  // It goes on in a moment: nobody is told meanwhile that it waits.
  if (keeper.deferral !== null) core.decisions.set(keeper, decide(situationOf(core, keeper)));
  core.changed();
  core.nudge();
  void giveBackMemory(core);
}

function noteEnd(
  { ports }: Core,
  keeper: Keeper,
  { tookMs, hasFailed }: { readonly tookMs: number; readonly hasFailed: boolean },
): void {
  const failedInARow = hasFailed ? (keeper.lastRun?.failedInARow ?? 0) + 1 : 0;
  const random = ports.random.integer(randomSteps) / randomSteps;
  keeper.lastRun = { endedMs: ports.clock.monotonic(), tookMs, failedInARow, random };
}

const failureOf = ({ code, context }: CofferError, endedMs: number): RunOutcome => ({
  kind: 'failed',
  endedMs,
  code,
  context: textOf(context),
});

/** Long enough that nothing of the run is held any more, and that a run which follows at once is not disturbed. */
const restMs = 1_000;

async function giveBackMemory(core: Core): Promise<void> {
  const { clock, giveBackMemory: giveBack } = core.ports;
  if (giveBack === undefined) return;
  await clock.sleep(restMs);
  if (core.run === null) giveBack();
}

/**
 * What the next run will take, as far as this one tells: where events say by now what has changed, a look everywhere says
 * nothing. The first run of a source often begins while its watch is still being made, so it is asked at the end. A run that
 * was stopped says nothing either: the computer may have slept over it for a night; nor does one of several over what is much.
 */
function costOf(
  core: Core,
  { lastRun, deferral }: Keeper,
  { task, end }: Pick<Ended, 'task' | 'end'>,
  tookMs: number,
): number {
  const isExtra = task.sources.every(({ source, look }) => look === null && core.modeOf(source.id) === 'events');
  const isPart = deferral !== null || (end.kind === 'done' && end.result.deferred.files > 0);
  return isExtra || isPart || end.kind === 'stopped' ? (lastRun?.tookMs ?? 0) : tookMs;
}

const toldOf = ({ files, bytes, newBytes, seconds, failed, deferred }: BackupResult) => ({
  files,
  bytes,
  newBytes,
  seconds,
  failed,
  ...(deferred.files === 0 ? {} : { deferred: deferred.files, deferredBytes: deferred.bytes }),
});

function outcomeOf(result: BackupResult, endedMs: number): RunOutcome {
  const { snapshot, files, folders, bytes, newBytes, storedBytes, failed, seconds } = result;
  const coverage = coverageOf(result);
  return {
    kind: 'done',
    endedMs,
    ...{ snapshot, files, folders, bytes, newBytes, storedBytes, coverage, failed, seconds },
  };
}

const textOf = (context: Readonly<Record<string, string | number | boolean>>): Reason['context'] =>
  Object.fromEntries(
    Object.entries(context).map(([name, value]) => [name, typeof value === 'boolean' ? String(value) : value]),
  );

/** What the person or the world says now against a run that began when it was allowed. */
export function stopForbidden(core: Core, forbidden: Reason | null): void {
  if (forbidden !== null && core.run !== null && !core.run.anyway) core.run.stop();
}
