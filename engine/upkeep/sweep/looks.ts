import { CofferError } from '../../base/index.ts';
import type { Ports, Vault } from '../../repository/index.ts';
import { createPackBits, type PackBits } from './pack-bits.ts';
import type { PackList } from './pack-list.ts';
import { planSweep } from './plan.ts';
import { type Survey, surveyVault } from './survey.ts';

/** Looks at the logs right before something is deleted, and again when the last look is no longer fresh. */
export type Looks = {
  readonly latest: Survey;
  /** The packs that may go, as all logs said at most some minutes ago. */
  mayGo(): Promise<PackBits>;
};

/** A look that is older than this by any clock is done again: the computer may have slept. */
const lookMostMs = 5 * 60 * 1000;

export async function startLooks(
  ports: Ports,
  vault: Vault,
  options: {
    readonly graceMs: number;
    readonly list: PackList;
    readonly signal?: AbortSignal;
  },
): Promise<Looks> {
  const { list, graceMs, signal } = options;
  const { clock } = ports;
  const look = async () => {
    const at = { monotonic: clock.monotonic(), wall: clock.now() };
    const survey = await surveyVault(ports, vault, { graceMs, again: { list }, ...(signal ? { signal } : {}) });
    stopInDoubt(survey.doubts);
    const free = createPackBits(list.count);
    for (const pack of planSweep(survey, { graceMs, mostBytes: Number.POSITIVE_INFINITY }).remove) free.add(pack);
    return { at, survey, free };
  };
  let last = await look();
  return {
    get latest() {
      return last.survey;
    },
    async mayGo() {
      const waitedMs = clock.monotonic() - last.at.monotonic;
      if (waitedMs > lookMostMs || Math.abs(clock.now() - last.at.wall) > lookMostMs) last = await look();
      return last.free;
    },
  };
}

export function stopInDoubt(doubts: readonly string[]): void {
  if (doubts.length > 0) throw new CofferError('sweep.stopped', { detail: doubts.join('; ') });
}
