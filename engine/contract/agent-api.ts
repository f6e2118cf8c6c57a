import type { Reason } from './reasons.ts';
import type { AgentState, Pace, Pause, StatePatch } from './state.ts';

/** What is left out of a source; the words are those of `coffer backup`. */
export type SourceRules = {
  readonly patterns: readonly string[];
  readonly presets: readonly string[];
  readonly cacheDirTag: boolean;
  readonly oneFileSystem: boolean;
  readonly sizeMax?: number;
  readonly ageMaxDays?: number;
};

/** When runs happen. */
export type Schedule =
  | { readonly kind: 'continuous'; readonly quietSeconds: number; readonly exposureMinutes: number }
  | {
      readonly kind: 'times';
      /** Local times of day as minutes since midnight. */
      readonly minutes: readonly number[];
      /** 0 is Sunday; empty means every day. */
      readonly days: readonly number[];
    };

export type SpanOfDay = { readonly fromMinute: number; readonly toMinute: number };

/** Only on these Wi-Fis, or on any but these. A cable is no Wi-Fi, and always allowed. */
export type WifiPolicy = { readonly kind: 'only' | 'never'; readonly names: readonly string[] };

/** Of what is sent to a place over a network; null is no limit. */
export type BandwidthPolicy = {
  /** Of spans that overlap the first counts. */
  readonly limits: readonly (SpanOfDay & { readonly bytesPerSecond: number | null })[];
  /** At all other times. */
  readonly otherwise: number | null;
};

/** What may hold a run back; null or empty means that it never does. */
export type Policies = {
  /** Below this percentage of battery nothing runs unless on mains power. */
  readonly batteryPercentMin: number | null;
  readonly onBattery: boolean;
  /** For places that need a network, like `wifi`. */
  readonly onMetered: boolean;
  readonly wifi: WifiPolicy | null;
  readonly quietHours: readonly SpanOfDay[];
  readonly bandwidth: BandwidthPolicy;
};

export type Settings = { readonly schedule: Schedule; readonly policies: Policies; readonly pace: Pace };

export type Source = { readonly id: number; readonly path: string; readonly rules: SourceRules };
export type Place = {
  readonly id: number;
  readonly url: string;
  /** The id of the vault that must be there: another one at the same path is never written to. */
  readonly vault: string;
};

/** What opens a vault. A phrase is for the day when the passphrase is lost: it opens a vault, and makes none. */
export type GivenSecret = { readonly passphrase: string } | { readonly phrase: string };

export type AddedPlace = Place & {
  /** Of a vault that was made; shown once and kept nowhere. */
  readonly phrase: string | null;
  /** Whether the agent will find the secret by itself after a restart. */
  readonly secretKept: boolean;
};

/** The answer to "why is this file (not) protected?", one for each place. */
export type Why = {
  readonly path: string;
  readonly places: readonly {
    readonly place: number;
    readonly url: string;
    readonly verdict:
      | 'protected' // as it is now
      | 'changed' // an earlier version is; the newer one waits
      | 'waiting' // not yet saved
      | 'leftOut' // by a rule or a boundary
      | 'failed' // could not be read
      | 'notASource' // no source holds it
      | 'gone' // not on this computer any more; earlier versions are kept
      | 'unknown'; // the place cannot be asked now
    /** Why it is left out (`rule`, `cacheDirTag`, …), or the code of the error. */
    readonly detail: string | null;
    /** Of what there was no time for yet: how many come before it, with itself, and how many there are. */
    readonly turn: { readonly at: number; readonly of: number } | null;
    readonly kept: { readonly snapshot: string; readonly mtimeMs: number; readonly size: number } | null;
  }[];
};

export type FileFailure = {
  readonly path: string;
  /** Of the catalogue, or of the system. */
  readonly code: string;
  readonly sinceMs: number;
  readonly place: number;
};

export type ActivityKind =
  | 'started'
  | 'stopped'
  | 'runDone'
  | 'runFailed'
  | 'paused'
  | 'resumed'
  | 'sourceAdded'
  | 'sourceRemoved'
  | 'sourceMissing'
  | 'sourceBack'
  | 'placeAdded'
  | 'placeRemoved'
  | 'placeMissing'
  | 'placeHangs'
  | 'placeBack'
  | 'watchLimit'
  | 'woke'
  | 'journalRebuilt'
  | 'notice';

export type Activity = {
  readonly id: number;
  readonly atMs: number;
  readonly kind: ActivityKind;
  readonly isProblem: boolean;
  readonly context: Readonly<Record<string, string | number>>;
};

/**
 * All that a face can ask of the agent. Carried by a direct call, a MessagePort or a local socket; the agent validates what
 * it is given (`schemas.ts`), and errors travel as code and context.
 */
export type AgentApi = {
  state(): Promise<AgentState>;
  settings(): Promise<Settings>;
  changeSettings(change: Partial<Settings>): Promise<Settings>;
  addSource(asked: { readonly path: string; readonly rules: SourceRules }): Promise<Source>;
  removeSource(asked: { readonly path: string }): Promise<Source>;
  listSources(): Promise<readonly Source[]>;
  /**
   * Creates the vault there, or opens the one it finds. A passphrase is kept where the agent finds it after a restart; a phrase
   * is kept nowhere.
   */
  addPlace(asked: { readonly url: string } & GivenSecret): Promise<AddedPlace>;
  removePlace(asked: { readonly url: string }): Promise<Place>;
  listPlaces(): Promise<readonly Place[]>;
  /** Gives the secret of a place that is locked; what it opened is kept in memory until the agent ends. */
  unlock(asked: { readonly url: string } & GivenSecret): Promise<void>;
  /** Begins a run as soon as possible; `anyway` overrides policies and pause. */
  backUpNow(asked: {
    readonly anyway: boolean;
  }): Promise<{ readonly run: number | null; readonly waits: Reason | null }>;
  pause(asked: Pause): Promise<void>;
  /** False when nothing was paused. */
  resume(): Promise<boolean>;
  why(asked: { readonly path: string }): Promise<Why>;
  failures(): Promise<readonly FileFailure[]>;
  activity(asked: { readonly most: number; readonly problemsOnly: boolean }): Promise<readonly Activity[]>;
  /**
   * True once everything changed before the call is confirmed at every place; false when the time is over, or when nothing more
   * can be done because some files could not be read.
   */
  waitUntilSafe(asked: { readonly timeoutMs: number }): Promise<boolean>;
  /** Ends the agent after answering. */
  stop(): Promise<void>;
};

export type AgentMethod = keyof AgentApi;

/** What the agent says by itself. */
export type AgentEvents = {
  /** At most ten a second; the first after subscribing carries every field. */
  readonly state: StatePatch;
  readonly activity: Activity;
};

export type Unsubscribe = () => void;

/** An agent, wherever it runs. */
export type AgentConnection = {
  readonly api: AgentApi;
  on<Name extends keyof AgentEvents>(name: Name, hear: (event: AgentEvents[Name]) => void): Unsubscribe;
  /** Resolves when the agent has gone. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
};
