import { isDeepStrictEqual } from 'node:util';
import { type Clock, limits } from '../base/index.ts';
import type { AgentState, StatePatch, Unsubscribe } from '../contract/index.ts';

export type StateFeed = {
  /** To be called whenever the state may have changed: cheap, however often. */
  changed(): void;
  /** The first patch carries every field; it comes soon, and not within this call. */
  subscribe(hear: (patch: StatePatch) => void): Unsubscribe;
  close(): void;
};

/**
 * Tells listeners what is new in the state: at most ten patches a second each, and the newest state always arrives.
 * Each listener is compared with what it was shown itself, so that one who came late misses nothing.
 */
export function createStateFeed(read: () => AgentState, clock: Clock): StateFeed {
  const listeners = new Set<Listener>();
  return {
    changed() {
      for (const listener of listeners) listener.changed();
    },
    subscribe(hear) {
      const listener = createListener(read, clock, hear);
      listeners.add(listener);
      listener.changed();
      return () => {
        listeners.delete(listener);
        listener.stop();
      };
    },
    close() {
      for (const listener of listeners) listener.stop();
      listeners.clear();
    },
  };
}

type Listener = { changed(): void; stop(): void };

function createListener(read: () => AgentState, clock: Clock, hear: (patch: StatePatch) => void): Listener {
  const stopping = new AbortController();
  const { signal } = stopping;
  let shown: AgentState | null = null;
  let isDirty = false;
  let isTelling = false;

  async function tell(): Promise<void> {
    isTelling = true;
    while (isDirty && !signal.aborted) {
      await null; // Whoever says that something changed is never called back within that.
      if (signal.aborted) return;
      isDirty = false;
      const state = read();
      const patch = differenceOf(shown, state);
      shown = state;
      if (Object.keys(patch).length > 0) hear(patch);
      await clock.sleep(limits.patchGapMs, signal).catch(() => {}); // Stopped meanwhile: the loop sees it.
    }
    isTelling = false;
  }

  return {
    changed() {
      isDirty = true;
      if (!isTelling) void tell();
    },
    stop: () => stopping.abort(),
  };
}

function differenceOf(shown: AgentState | null, state: AgentState): StatePatch {
  if (shown === null) return state;
  const fields = Object.entries(state).filter(
    // Both have the same fields, being of one type.
    ([field, value]) => !isDeepStrictEqual(value, shown[field as keyof AgentState]),
  );
  return Object.fromEntries(fields);
}
