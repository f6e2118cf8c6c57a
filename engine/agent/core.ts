import type { Activity, ActivityKind, Reason, RunState, Settings, Source, SourceState } from '../contract/index.ts';
import type { Journal } from '../journal/index.ts';
import { createKeeper, type Keeper, type Task } from './keeper.ts';
import type { Keyring } from './keyring.ts';
import type { AgentPorts, Identity } from './ports.ts';
import type { Decision, HeldPause } from './schedule/index.ts';
import { holdPause } from './schedule/index.ts';

/** A run under way. */
export type ActiveRun = {
  readonly keeper: Keeper;
  readonly task: Task;
  readonly state: RunState;
  /** "Anyway": what forbids others does not stop it. */
  readonly anyway: boolean;
  readonly ended: Promise<void>;
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
  settings: Settings;
  pause: HeldPause | null;
  run: ActiveRun | null;
  /** Monotonic: when the computer was last noticed to have slept. */
  wokeMs: number | null;
  /** Of each place, by the last look. */
  readonly decisions: Map<Keeper, Decision>;
  modeOf(source: number): SourceState['watching'];
  /** Looks at this moment. */
  isThere(source: Source): boolean;
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
  const isForPerson = trouble?.code === 'attention.locked' || trouble?.code === 'risk.vaultOlder';
  return isForPerson || trouble?.code === 'wait.placeMissing' ? trouble : null;
}
