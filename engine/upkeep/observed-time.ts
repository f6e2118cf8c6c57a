/**
 * How much time has surely gone by, whatever the clock of the computer was set to.
 *
 *     same boot:     what the counter since the start of the computer went on by, sleep included
 *     another boot:  what it has counted since that start, and of the time before, when nobody counted, what the wall clock says,
 *                    as far as it goes beyond all that it said before, and as far as the allowance goes
 *     no counter:    what this process lived through since it looked last (macOS)
 *     always:        no more than the wall clock went on by
 *
 * What the wall clock says of the time while the computer was off is not proven: it may have been set meanwhile. So that counts
 * for at most seven days at once, and in all for at most three times what was counted: a clock that lies at every start
 * gains little. Where memory is lost, counting begins anew. All errors but that one make things come later, never earlier.
 */
export type Moment = {
  readonly wallMs: number;
  /** Milliseconds since the computer started, those it slept included; less where that is not known. */
  readonly sinceBootMs: number;
  /** Which start that was; null where it is not known. */
  readonly boot: string | null;
};

export type ObservedTime = {
  /** Of which memory this is: times of another one mean nothing here. */
  readonly epoch: string;
  /** Since the epoch began. */
  readonly ms: number;
  /** What the wall clock would say now, had it never been set back: what lies before it was counted already. */
  readonly highestWallMs: number;
  /** How much of the next gap the wall clock may still speak for. */
  readonly allowanceMs: number;
  readonly last: Moment;
};

const dayMs = 24 * 3_600_000;
export const gapMostMs = 7 * dayMs;
/** A computer that is on for six hours of a day is believed the other eighteen. */
export const gapPerProven = 3;

export function beginObserving(moment: Moment, epoch: string): ObservedTime {
  const { wallMs, sinceBootMs, boot } = moment;
  return { epoch, ms: 0, highestWallMs: wallMs, allowanceMs: 0, last: { wallMs, sinceBootMs, boot } };
}

export function observe(known: ObservedTime, moment: Moment): ObservedTime {
  const { wallMs, sinceBootMs, boot } = moment;
  const { last, highestWallMs } = known;
  const isOther = isOtherBoot(last, moment);
  // Another start lies behind the last look, so all that was counted since it is new.
  const countedMs = isOther ? sinceBootMs : Math.max(0, sinceBootMs - last.sinceBootMs);
  // Two computers with one folder count apart; the wall clock tells that less time has gone by than they say together.
  const provenMs = Math.max(0, Math.min(countedMs, wallMs - last.wallMs));
  const allowanceMs = Math.min(gapMostMs, known.allowanceMs + gapPerProven * provenMs);
  const uncountedMs = isOther ? wallMs - highestWallMs - provenMs : 0;
  const gapMs = Math.max(0, Math.min(uncountedMs, allowanceMs));
  const goneMs = provenMs + gapMs;
  return {
    epoch: known.epoch,
    ms: known.ms + goneMs,
    highestWallMs: Math.max(highestWallMs + goneMs, wallMs),
    allowanceMs: allowanceMs - gapMs,
    last: { wallMs, sinceBootMs, boot },
  };
}

/** What a process remembers of its own last look, in its own memory. */
export type OwnLook = {
  readonly observed: ObservedTime;
  /** Milliseconds since the process started. */
  readonly livedMs: number;
  readonly wallMs: number;
};

/**
 * Where the computer does not say how long it has been on, each process knows only what it lived through itself: since its own
 * last look, and less what others have counted of that meanwhile.
 */
export function observeAlone(
  known: ObservedTime,
  { livedMs, wallMs }: Pick<OwnLook, 'livedMs' | 'wallMs'>,
  own: OwnLook | null,
): ObservedTime {
  const sinceMs = own === null ? 0 : Math.max(0, Math.min(livedMs - own.livedMs, wallMs - own.wallMs));
  const goneMs = own?.observed.epoch === known.epoch ? Math.max(0, own.observed.ms + sinceMs - known.ms) : 0;
  return {
    epoch: known.epoch,
    ms: known.ms + goneMs,
    highestWallMs: Math.max(known.highestWallMs + goneMs, wallMs),
    allowanceMs: known.allowanceMs,
    last: { wallMs, sinceBootMs: 0, boot: null },
  };
}

/** Where starts have no names, only a counter that went back tells. */
function isOtherBoot(last: Moment, { boot, sinceBootMs }: Moment): boolean {
  return last.boot === null || boot === null ? sinceBootMs < last.sinceBootMs : last.boot !== boot;
}
