import { limits } from '../../base/index.ts';
import type { AgentEvents } from '../../contract/index.ts';
import type { EventName } from './messages.ts';

/** What one listener has not been sent yet. It does not grow, however long nobody reads. */
export type Outbox<Event extends EventName> = {
  add(value: AgentEvents[Event]): void;
  /** Empties it. */
  take(): readonly AgentEvents[Event][];
};

type Keep<Value> = (waiting: readonly Value[], value: Value) => readonly Value[];

const keeps: { readonly [Event in EventName]: Keep<AgentEvents[Event]> } = {
  // Fields are whole, so the newest of each is what a listener must be shown.
  state: (waiting, patch) => [Object.assign({}, ...waiting, patch)],
  activity: (waiting, activity) => [...waiting, activity].slice(-limits.activitiesWaiting),
};

export function createOutbox<Event extends EventName>(event: Event): Outbox<Event> {
  const keep: Keep<AgentEvents[Event]> = keeps[event];
  let waiting: readonly AgentEvents[Event][] = [];
  return {
    add(value) {
      waiting = keep(waiting, value);
    },
    take() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
  };
}
