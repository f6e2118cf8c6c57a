import type { Pause, Policies, Reason, Schedule } from '../../contract/index.ts';
import type { Wifi } from '../ports.ts';

/**
 * Everything a decision depends on. Times ending in `Ms` are monotonic where nothing else is said; the wall clock is asked
 * only for what people say in its words (times of day), and never alone for how long something took.
 */
export type Situation = {
  /** Wall. */
  readonly nowMs: number;
  readonly monotonicMs: number;
  /** Minutes by which local time is ahead of UTC at a wall time: what makes decisions depend on no zone of this process. */
  readonly localOffsetMinutes: (wallMs: number) => number;
  readonly schedule: Schedule;
  readonly policies: Policies;
  readonly pause: HeldPause | null;
  /** Null when nothing is dirty. */
  readonly dirty: Dirty | null;
  /** Null before the first run of this process. A run that was stopped on purpose (pause, wake) is no failure. */
  readonly lastRun: LastRun | null;
  /** Wall: when the last confirmed whole run began, or the times were chosen, whichever is later. Null: not known. */
  readonly slotDoneMs: number | null;
  /** When the last confirmed whole run of this process began. */
  readonly wholeScan: { readonly beganMs: number; readonly beganWallMs: number } | null;
  /** When the computer was last noticed to have slept. */
  readonly wokeMs: number | null;
  /** Whether changes in all sources are told by events; where they are not, only scanning finds them. */
  readonly watched: boolean;
  /** Whether at each place there is a confirmed run. */
  readonly hasRunBefore: boolean;
  /** "Back up now", until a run begins. */
  readonly asked: { readonly anyway: boolean } | null;
  /** What the last run had no time for; null when it has left nothing. */
  readonly goesOn: { readonly files: number; readonly bytes: number; readonly anyway: boolean } | null;
  readonly power: { readonly onBattery: boolean; readonly percent: number | null };
  readonly network: { readonly online: boolean; readonly metered: boolean };
  /** Whether the place cannot be reached without a network. */
  readonly needsNetwork: boolean;
  readonly wifi: Wifi;
  readonly running: boolean;
  /** What is missing for any run (sources, places, a secret, a drive); null when nothing is. */
  readonly ready: Reason | null;
};

export type Dirty = {
  readonly oldestMs: number;
  readonly newestMs: number;
  /** Events were lost, so that it is not known what has changed. */
  readonly everything: boolean;
};

export type LastRun = {
  readonly endedMs: number;
  readonly tookMs: number;
  readonly failedInARow: number;
  /** In [0, 1), drawn when the run ended and kept: a wait that was drawn anew at each look would end at the shortest. */
  readonly random: number;
};

/** A pause with its end on both clocks, so that setting one of them back does not prolong it; see `holdPause`. */
export type HeldPause = Pause & {
  /** Monotonic; null where the pause has no end. */
  readonly endsMs: number | null;
};

export type Decision =
  | {
      readonly kind: 'run';
      readonly reason: Reason;
      /** Scan everything, or only what is dirty. */
      readonly whole: boolean;
    }
  | ({ readonly kind: 'wait'; readonly reason: Reason } & NextLook)
  | ({ readonly kind: 'idle' } & NextLook);

type NextLook = {
  /** Monotonic, always ahead: when to look again at the latest; null: only when something happens. */
  readonly untilMs: number | null;
  /** Wall: when the next run begins if nothing else happens; null when that is not known. */
  readonly nextRunMs: number | null;
};
