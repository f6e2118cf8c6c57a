import type { ErrorCode } from '../base/index.ts';
import { createMemoryRecords, type UploadRecords } from '../storage/index.ts';
import { type Core, note } from './core.ts';
import type { AgentPorts } from './ports.ts';
import { localMinuteOfDay, rateAt } from './schedule/index.ts';

/** What places behind a network are told; `core` is asked anew each time, so that a change of settings counts at once. */
export function sendingTo(core: () => Core): NonNullable<AgentPorts['uploads']> {
  return {
    recordsFor({ url }) {
      const keeper = core().keepers.find(({ place }) => place.url === url);
      return keeper === undefined ? createMemoryRecords() : recordsIn(core(), keeper.place.id);
    },
    bytesPerSecond: () => rateNow(core()),
  };
}

/** In the journal, where they show also after a restart; where its disk is full they are done without. */
function recordsIn(core: Core, place: number): UploadRecords {
  const { uploads } = core.journal;
  const { clock } = core.ports;
  const write = (work: () => void): void => {
    note(core, work);
    core.changed();
  };
  return {
    // The agent alone writes codes there.
    list: () => uploads.list(place).map((upload) => ({ ...upload, error: upload.error as ErrorCode | null })),
    spooled: (object) => write(() => uploads.add(place, object, clock.now())),
    sending: (key) => write(() => uploads.underWay(place, key)),
    failed: (key, { error, waitMs }) =>
      write(() => uploads.failed(place, key, { nextMs: clock.now() + waitMs, error })),
    parked: (key, error) => write(() => uploads.park(place, key, error)),
    gone: (key) => write(() => uploads.remove(place, key)),
    requeue: () => write(() => uploads.requeue(place)),
    unpark: () => write(() => uploads.unpark(place)),
  };
}

function rateNow({ ports, settings, run }: Core): number | null {
  // The person is in a hurry.
  if (run?.anyway === true) return null;
  return rateAt(settings.policies.bandwidth, localMinuteOfDay(ports.clock.now(), ports.localOffsetMinutes));
}
