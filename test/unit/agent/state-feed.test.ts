import { describe, expect, it } from 'vitest';
import { createStateFeed } from '../../../engine/agent/state-feed.ts';
import { type AgentState, applyPatch, type StatePatch } from '../../../engine/contract/index.ts';
import { sampleState } from '../../support/fake-agent.ts';
import { heldClock, settled } from '../../support/held-clock.ts';

function makeFeed() {
  const clock = heldClock();
  const box = { state: sampleState };
  const feed = createStateFeed(() => box.state, clock);
  const set = (patch: Partial<AgentState>): void => {
    box.state = { ...box.state, ...patch };
    feed.changed();
  };
  return { clock, feed, set };
}

const files = (count: number) => ({ exposure: { files: count, bytes: 0, seconds: 0 } });

describe('the feed of states', () => {
  it('begins with every field, but not within the call that subscribes', async () => {
    const { feed } = makeFeed();
    const patches: StatePatch[] = [];
    feed.subscribe((patch) => patches.push(patch));
    expect(patches).toEqual([]);
    await settled();
    expect(patches).toEqual([sampleState]);
  });

  it('then tells only fields that are really different', async () => {
    const { feed, set, clock } = makeFeed();
    const patches: StatePatch[] = [];
    feed.subscribe((patch) => patches.push(patch));
    await clock.advance(1000);
    set({ ...files(9), coverage: structuredClone(sampleState.coverage) });
    await clock.advance(1000);
    set({ exposure: { ...files(9).exposure } });
    await clock.advance(1000);
    expect(patches.slice(1)).toEqual([files(9)]);
  });

  it('tells ten patches a second at most, and the last state within 100 ms', async () => {
    const { feed, set, clock } = makeFeed();
    const patches: [number, StatePatch][] = [];
    feed.subscribe((patch) => patches.push([clock.now(), patch]));
    await clock.advance(500);
    const startMs = clock.now();
    for (let count = 1; count <= 1000; count++) {
      set(files(count));
      await clock.advance(1);
    }
    const lastMs = clock.now();
    set(files(5555));
    await clock.advance(10_000);
    const during = patches.filter(([atMs]) => atMs >= startMs && atMs < startMs + 1000);
    expect(during.length).toBe(10);
    const [endMs = 0, end] = patches.at(-1) ?? [];
    expect(end).toEqual(files(5555));
    expect(endMs - lastMs).toBeLessThanOrEqual(100);
  });

  it('keeps a listener right that came between two patches', async () => {
    const { feed, set, clock } = makeFeed();
    feed.subscribe(() => {});
    await clock.advance(10);
    set(files(1));
    let shown: AgentState = { ...sampleState, standing: 'safe' };
    feed.subscribe((patch) => {
      shown = applyPatch(shown, patch);
    });
    await clock.advance(10);
    expect(shown.exposure.files).toBe(1);
    set({ exposure: sampleState.exposure });
    await clock.advance(200);
    expect(shown).toEqual(sampleState);
  });

  it('says nothing more to who has unsubscribed, nor after it was closed', async () => {
    const { feed, set, clock } = makeFeed();
    const heard = { left: 0, stayed: 0 };
    const unsubscribe = feed.subscribe(() => heard.left++);
    feed.subscribe(() => heard.stayed++);
    await clock.advance(1000);
    unsubscribe();
    set(files(1));
    await clock.advance(1000);
    set(files(2));
    feed.close();
    await clock.advance(1000);
    expect(heard).toEqual({ left: 1, stayed: 2 });
  });
});
