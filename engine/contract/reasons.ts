/**
 * Why the agent does what it does, or does nothing: a code and the figures that belong to it. Faces turn it into a sentence;
 * nothing but codes crosses a process.
 */
export const reasonCodes = [
  // What keeps a run from beginning although something waits to be saved.
  'wait.quiet',
  'wait.spacing',
  'wait.times',
  'wait.battery',
  'wait.onBattery',
  'wait.metered',
  'wait.network',
  'wait.wifi',
  'wait.quietHours',
  'wait.placeMissing',
  'wait.placeHangs',
  'wait.placeBusy',
  'wait.backoff',
  'paused.person',
  // What the person should deal with.
  'attention.noSources',
  'attention.noPlaces',
  'attention.locked',
  'attention.notRunning',
  'attention.placeError',
  'attention.sourceMissing',
  'attention.sourceHangs',
  'attention.filesFailed',
  'attention.firstRun',
  // What is promised and not kept.
  'risk.behind',
  'risk.vaultOlder',
  // Why a run began.
  'run.changes',
  'run.exposure',
  'run.times',
  'run.caughtUp',
  'run.asked',
  'run.reconcile',
  'run.first',
  'run.goesOn',
] as const;

export type ReasonCode = (typeof reasonCodes)[number];

export type Reason = {
  readonly code: ReasonCode;
  /**
   * Figures and names of the sentence: `percent`, `percentMin`, `place`, `path`, `files`, `bytes`, `untilMs` and `slotMs` (wall
   * times), `failures` (in a row), `seconds`, `promisedSeconds`, `until` (of a pause), `because` (another code of this list),
   * `error` (a code of the catalogue), `wifi` (its name), `policy` (only or never, of Wi-Fis).
   */
  readonly context: Readonly<Record<string, string | number>>;
};

export const reason = (code: ReasonCode, context: Reason['context'] = {}): Reason => ({ code, context });
