import type { Reason } from './reasons.ts';

/** In one word: nothing to do · saving · would save but waits · the person paused it · the person is needed · a promise is not kept. */
export type Standing = 'safe' | 'working' | 'waiting' | 'paused' | 'attention' | 'atRisk';

/** What would be lost if the computer were lost now. */
export type Exposure = {
  /** Files known to be changed and not yet confirmed; 0 when nothing is. */
  readonly files: number;
  readonly bytes: number;
  /** Since the oldest of these changes was noticed. */
  readonly seconds: number;
};

/** seen = saved + leftOut + failed + deferred, of the newest run over all sources. */
export type Coverage = {
  readonly seen: number;
  readonly saved: number;
  readonly leftOut: number;
  readonly failed: number;
  /** New or changed, and still to come: there was no time for them yet. */
  readonly deferred: number;
  /** Of those saved. */
  readonly files: number;
  readonly bytes: number;
};

/** How much runs give way to everything else on the computer; on battery a step more. */
export type Pace = 'gentle' | 'normal' | 'full';

/** A run under way. None of its figures ever goes back. */
export type RunState = {
  readonly id: number;
  readonly reason: Reason;
  readonly startedMs: number;
  /** The place it saves to now. */
  readonly place: number;
  /** The one it began with. */
  readonly pace: Pace;
  readonly phase: 'opening' | 'scanning' | 'reading' | 'sending' | 'publishing';
  readonly foundFiles: number;
  readonly foundBytes: number;
  /** Bytes of the files that are dealt with: unchanged, deduplicated or read. */
  readonly doneBytes: number;
  readonly readBytes: number;
  readonly newBytes: number;
  /** Bytes that the place has confirmed. */
  readonly storedBytes: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: { readonly least: number; readonly most: number } | null;
};

export type SourceState = {
  readonly id: number;
  readonly path: string;
  readonly standing: Standing;
  readonly reason: Reason | null;
  /**
   * By events, by scanning alone (the system has no room for more watches), not yet (the agent has just begun to), or not at
   * all (it is not there now).
   */
  readonly watching: 'events' | 'scanning' | 'starting' | 'absent' | 'off';
};

export type PlaceState = {
  readonly id: number;
  /** As the person gave it, without secrets. */
  readonly url: string;
  readonly vault: string;
  readonly standing: Standing;
  readonly reason: Reason | null;
  /** The end of the last run that was confirmed there and left nothing for another; null before the first. */
  readonly protectedMs: number | null;
  readonly snapshot: string | null;
  readonly files: number;
  readonly bytes: number;
  /** Sealed parts of a backup that wait on this computer to be sent there; parked ones failed too often in the last run. */
  readonly uploads: { readonly objects: number; readonly bytes: number; readonly parked: number };
};

/** The one picture of the agent that every face shows. */
export type AgentState = {
  readonly standing: Standing;
  readonly reason: Reason | null;
  readonly version: string;
  /** 0 where no agent runs and the journal alone was read. */
  readonly processId: number;
  readonly exposure: Exposure;
  readonly coverage: Coverage;
  /** When everything that was known then was last confirmed at every place. */
  readonly protectedMs: number | null;
  /** When the next run begins if nothing else happens. */
  readonly nextRunMs: number | null;
  readonly run: RunState | null;
  readonly pause: Pause | null;
  readonly sources: readonly SourceState[];
  readonly places: readonly PlaceState[];
};

export type Pause = {
  readonly until: 'time' | 'power' | 'resumed';
  /** For `time`. */
  readonly untilMs: number | null;
};

/** Top-level fields that have changed, whole. */
export type StatePatch = { readonly [Field in keyof AgentState]?: AgentState[Field] };

export const applyPatch = (state: AgentState, patch: StatePatch): AgentState => ({ ...state, ...patch });
