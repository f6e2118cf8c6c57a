import type { AgentPorts } from '../../engine/agent/index.ts';
import { assert, type Clock } from '../../engine/base/index.ts';
import type { FileSystem } from '../../engine/filesystem/index.ts';
import type { Journal } from '../../engine/journal/index.ts';
import type { Store } from '../../engine/storage/index.ts';
import type { Sabotage } from './life.ts';

/** Faults of the kinds that backup programs have had, put into the ports: what the simulator is for is to find them. */
export const planted: Readonly<Record<string, Sabotage>> = {
  /** Says that something is durable and has not made it so. */
  skippedSync: { ports: (ports) => ({ ...ports, fileSystem: withoutSyncs(ports.fileSystem) }) },
  /** Answers before the object is stored. */
  earlyAnswer: { store: (store, clock) => answeringEarly(store, clock) },
  /** The same for what is sent over a network: it goes on its way, and counts. */
  earlyUpload: { store: (store) => (store.spool === null ? sendingBlindly(store) : store) },
  /** Some changes are not heard, and nothing says so. */
  lostMark: {
    ports: (ports, { dice }) => ({
      ...ports,
      watcher: {
        watch: (options) =>
          ports.watcher.watch({
            ...options,
            hear: (event) => {
              if (event.kind !== 'changed' || !dice.chance(10)) options.hear(event);
            },
          }),
      },
    }),
  },
  /** Nobody remembers that a slot of the schedule was dealt with. */
  forgottenSlot: { ports: forgettingSlots },
  /** One sleep of the computer is noticed twice. */
  doubleWake: { ports: (ports) => ({ ...ports, clock: noticingTwice(ports.clock) }) },
};

function forgettingSlots(ports: AgentPorts): AgentPorts {
  const { openJournal } = ports;
  assert(openJournal !== undefined, 'the journal of a simulated agent is given to it');
  const forgetting = (journal: Journal): Journal => ({ ...journal, due: { ...journal.due, note: () => {} } });
  return { ...ports, openJournal: () => forgetting(openJournal()) };
}

function withoutSyncs(fileSystem: FileSystem): FileSystem {
  return {
    ...fileSystem,
    sync: () => {},
    syncLater: async () => {},
    syncFolder: () => {},
    syncVolume: () => true,
    syncVolumeLater: async () => true,
  };
}

const answersAfterMs = 1500;

function answeringEarly(store: Store, clock: Clock): Store {
  return {
    ...store,
    adopt: async (key, path) => {
      void clock.sleep(answersAfterMs).then(() => store.adopt(key, path).catch(() => {}));
    },
  };
}

const sendingBlindly = (store: Store): Store => ({
  ...store,
  adopt: async (key, path) => void store.adopt(key, path).catch(() => {}),
});

const stepMs = 20_000;

/** A jump of the wall clock is shown in two steps. */
function noticingTwice(clock: Clock): Clock {
  let shownAheadMs = clock.now() - clock.monotonic();
  let steppedMs = clock.monotonic();
  return {
    ...clock,
    now() {
      const aheadMs = clock.now() - clock.monotonic();
      if (aheadMs !== shownAheadMs && clock.monotonic() >= steppedMs) {
        const isFirst = Math.abs(aheadMs - shownAheadMs) > stepMs;
        shownAheadMs = isFirst ? aheadMs - Math.sign(aheadMs - shownAheadMs) * stepMs : aheadMs;
        steppedMs = clock.monotonic() + stepMs;
      }
      return clock.monotonic() + shownAheadMs;
    },
  };
}
