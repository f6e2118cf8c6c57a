/** What is tried again, and when it is enough: facts of one session of sending, and a pure verdict. */
export type Patience = {
  /** Retries that may still be made: each costs one, each success earns a little. */
  readonly retriesLeft: number;
  /** Rounds of failures since the last success; what was begun before a failure was heard of belongs to its round. */
  readonly rounds: number;
  readonly lastFailureMs: number;
};

export type Verdict =
  | 'again'
  /** Others go, this one does not. */
  | 'park'
  /** Nothing goes any more. */
  | 'giveUp';

/** Rounds without any success, over about two minutes: then the place does not answer, and the next run tries again. */
const roundsMost = 8;
/** Failures of one object while others arrive. */
const attemptsMost = 6;
/** A start that lets short breaks pass; beyond it one try in six may fail, so that little is sent for nothing. */
const retriesAtFirst = 20;
const earned = 0.2;

export const firstPatience: Patience = {
  retriesLeft: retriesAtFirst,
  rounds: 0,
  lastFailureMs: Number.NEGATIVE_INFINITY,
};

export function afterSuccess(now: Patience): Patience {
  return { ...now, rounds: 0, retriesLeft: Math.min(retriesAtFirst, now.retriesLeft + earned) };
}

export function afterFailure(
  now: Patience,
  failed: { readonly attempts: number; readonly beganMs: number; readonly nowMs: number },
): { readonly patience: Patience; readonly verdict: Verdict } {
  const rounds = failed.beganMs >= now.lastFailureMs ? now.rounds + 1 : now.rounds;
  const retriesLeft = now.retriesLeft - 1;
  const patience = { retriesLeft, rounds, lastFailureMs: failed.nowMs };
  if (rounds >= roundsMost) return { patience, verdict: 'giveUp' };
  // While nothing arrives at all it is no fault of this object.
  if (isProbing(patience)) return { patience, verdict: 'again' };
  return { patience, verdict: failed.attempts >= attemptsMost || retriesLeft < 0 ? 'park' : 'again' };
}

/** After two rounds without success the line is probed by one call at a time. */
export const isProbing = ({ rounds }: Patience): boolean => rounds >= 2;
