import { isCofferError } from '../base/index.ts';
import type {
  Activity,
  ActivityKind,
  FileFailure,
  Reason,
  RunState,
  Settings,
  Source,
  SourceState,
} from '../contract/index.ts';
import type { Journal } from '../journal/index.ts';
import { createKeeper, type Keeper, type Task } from './keeper.ts';
import type { Keyring } from './keyring.ts';
import { isAtOrBelow } from './paths.ts';
import type { AgentPorts, Identity } from './ports.ts';
import type { Decision, HeldPause } from './schedule/index.ts';
import { holdPause } from './schedule/index.ts';
import type { Standstill } from './standstill.ts';

/** A run under way. */
export type ActiveRun = {
  readonly keeper: Keeper;
  readonly task: Task;
  readonly state: RunState;
  /** "Anyway": what forbids others does not stop it. */
  readonly anyway: boolean;
  readonly ended: Promise<void>;
  readonly standstill: Standstill;
  stop(): void;
};

/** What the parts of the agent share: what is chosen, what is known, what is under way. Only the agent's thread touches it. */
export type Core = {
  readonly ports: AgentPorts;
  readonly identity: Identity;
  readonly journal: Journal;
  readonly keyring: Keyring;
  /** The loop runs: sources are watched and runs begin by themselves. */
  isStarted: boolean;
  sources: readonly Source[];
  keepers: readonly Keeper[];
  /** Files below sources that the newest run to a place could not read. */
  failures: readonly FileFailure[];
  settings: Settings;
  pause: HeldPause | null;
  run: ActiveRun | null;
  /** Monotonic: when the computer was last noticed to have slept. */
  wokeMs: number | null;
  /** Of each place, by the last look. */
  readonly decisions: Map<Keeper, Decision>;
  modeOf(source: number): SourceState['watching'];
  /** The file system there is known not to answer: whoever touches it may never come back. */
  hangs(path: string): boolean;
  /** Looks at this moment. */
  isThere(source: Source): boolean;
  /** Aborted when the agent ends: nothing is begun any more. */
  readonly closing: AbortSignal;
  /** Something that faces show may have changed. */
  changed(): void;
  /** Something happened that may let a run begin. */
  nudge(): void;
  /** Slots of a schedule by times that lie before this moment (wall clock) are dealt with. */
  noteSlots(atMs: number): void;
  tell(kind: ActivityKind, context?: Activity['context'], options?: { readonly isProblem: boolean }): void;
};

/** The sources and places as the journal has them; what is known of a place that stays, stays. */
export function readChoices(core: Core): void {
  const { journal } = core;
  core.sources = journal.sources.list();
  core.keepers = journal.places.list().map((place) => {
    const known = core.keepers.find((keeper) => keeper.place.id === place.id && keeper.place.vault === place.vault);
    return known ?? createKeeper(place);
  });
  for (const keeper of core.decisions.keys()) if (!core.keepers.includes(keeper)) core.decisions.delete(keeper);
  readFailures(core);
}

/** Kept, because faces ask ten times a second and there may be thousands. */
export function readFailures(core: Core): void {
  const { journal, sources } = core;
  core.failures = journal.failures
    .list()
    .filter(({ path }) => sources.some((source) => isAtOrBelow(path, source.path)));
}

/** Whether changes of a source count: it is chosen, and not known to be away. */
export function mayChange({ sources, modeOf }: Pick<Core, 'sources' | 'modeOf'>, source: number): boolean {
  return sources.some(({ id }) => id === source) && modeOf(source) !== 'absent';
}

/**
 * Facts that are written down for later, not for now. Where the disk is full they are lost, and the agent goes on: it can
 * find them again, and a process that ended would protect nothing.
 */
export function note({ ports }: Pick<Core, 'ports'>, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isCofferError(error, 'disk.full')) throw error;
    ports.log.warn('what happened could not be written down', { error: error.code });
  }
}

export function readPause(core: Core, askedMs: number): void {
  const { clock } = core.ports;
  const pause = core.journal.pause.read();
  const moment = { askedMs, nowMs: clock.now(), monotonicMs: clock.monotonic() };
  core.pause = pause && holdPause(pause, moment);
}

/** What is missing for a run at a place; null when nothing is. */
export function missingFor(core: Core, keeper: Keeper): Reason | null {
  if (core.sources.length === 0) return { code: 'attention.noSources', context: {} };
  const { trouble } = keeper;
  switch (trouble?.code) {
    case 'attention.locked':
    case 'wait.placeMissing':
    case 'wait.placeHangs':
      return trouble;
    case 'risk.vaultOlder':
      // Whoever asks for a run wants the place to be looked at again.
      return keeper.asked === null ? trouble : null;
    default:
      return null;
  }
}
