import { keyOfPack } from '../../../engine/format/index.ts';
import { executeSweep, prepareSweep } from '../../../engine/upkeep/sweep/sweep.ts';
import type { Sabotage } from './person.ts';

/** Faults of the kinds that a sweep could have: what the worlds are for is to find them. */
export const planted: Readonly<Record<string, Sabotage>> = {
  /** Deletes what was marked once its grace is over, needed or not. */
  withoutLooking: {
    async sweep(_, vault, ports) {
      const prepared = await prepareSweep(ports, vault, { all: true });
      await executeSweep(ports, vault, prepared, { all: true }).catch(() => {});
      const { list, marks } = prepared.survey;
      for (const { packs, ageMs } of marks) {
        for (let at = 0; at < packs.length && ageMs >= 30 * 24 * 3600 * 1000; at += 32) {
          const pack = list.find(packs, at);
          if (pack >= 0) await vault.store.delete(keyOfPack(list.idOf(pack)));
        }
      }
    },
  },
  /** Counts the grace by a clock that people set. */
  wallClock: {
    ports: (ports) => ({ ...ports, sinceBoot: () => ({ ms: ports.clock.now(), boot: 'always' }) }),
  },
};
