import { CofferError } from '../base/index.ts';
import type { AddedPlace, AgentApi, AgentState, Place, Reason, Source } from '../contract/index.ts';
import { removeSpool, type Secret } from '../repository/index.ts';
import { parseStoreUrl } from '../storage/index.ts';
import { demandPlace, demandSource } from './answers.ts';
import { refuseSource, sourcePath } from './choosing.ts';
import { type Core, mayChange, readChoices, readPause } from './core.ts';
import { type Keeper, noteAllChanged } from './keeper.ts';
import { holderOf } from './place-run.ts';
import { findOrMakeVault, proveSecret, secretFrom } from './places.ts';
import { rulesOf } from './source-rules.ts';
import { waitUntilSafe } from './until-safe.ts';
import { explain } from './why.ts';

/** What the agent does beside answering. */
export type Deeds = {
  /** Looks at once whether a run may begin. */
  look(): Promise<void>;
  follow(source: Source): Promise<void>;
  unfollow(source: number): Promise<void>;
  /** Soon, not within the call: its answer is to arrive. */
  end(): void;
};

/** The contract, as this process keeps it. */
export function createApi(core: Core, picture: () => AgentState, deeds: Deeds): AgentApi {
  const { journal, ports, keyring } = core;
  const { clock } = ports;
  const inTurn = createTurns();
  const sourceAt = (given: string): Source => {
    const path = sourcePath(given);
    const source = core.sources.find((candidate) => candidate.path === path);
    if (source === undefined) throw new CofferError('source.unknown', { path });
    return source;
  };
  const keeperAt = (url: string): Keeper => {
    const keeper = core.keepers.find(({ place }) => place.url === placeUrl(url));
    if (keeper === undefined) throw new CofferError('place.unknown', { store: url });
    return keeper;
  };
  return {
    state: async () => picture(),
    settings: async () => core.settings,
    async changeSettings(change) {
      core.settings = { ...core.settings, ...change };
      journal.settings.write(core.settings);
      // The times were chosen now: a slot before this moment is no promise that was missed.
      if (change.schedule !== undefined) core.noteSlots(clock.now());
      core.nudge();
      return core.settings;
    },
    async addSource({ path: given, rules }) {
      const path = sourcePath(given);
      await demandSource(ports, path);
      refuseSource(core, path);
      rulesOf(rules);
      const source = journal.sources.add(path, rules);
      readChoices(core);
      core.tell('sourceAdded', { path });
      for (const keeper of core.keepers) noteAllChanged(keeper, source.id, clock.monotonic());
      await deeds.follow(source);
      core.nudge();
      return source;
    },
    async removeSource({ path }) {
      const source = sourceAt(path);
      journal.sources.remove(source.id);
      readChoices(core);
      for (const { dirt } of core.keepers) dirt.delete(source.id);
      core.tell('sourceRemoved', { path });
      await deeds.unfollow(source.id);
      core.nudge();
      return source;
    },
    listSources: async () => core.sources,
    async addPlace(asked) {
      const url = placeUrl(asked.url);
      // Two at a time would both make a vault there: whoever comes second hears what became of it.
      return await inTurn(url, () => addPlace(core, url, secretFrom(asked)));
    },
    async removePlace({ url }) {
      const { place } = keeperAt(url);
      // Of another copy of the vault too, which has the same lock; it is begun again. Once more if the next run began in between.
      while (core.run?.keeper.place.vault === place.vault) await stopRun(core);
      // First: a place without a spool is one as any other, but nobody would come back to a spool without a place.
      removeSpool(ports, { ...place, holder: holderOf(core.identity) });
      journal.places.remove(place.id);
      readChoices(core);
      core.tell('placeRemoved', { place: place.url });
      core.nudge();
      return place;
    },
    listPlaces: async (): Promise<readonly Place[]> => core.keepers.map(({ place }) => place),
    async unlock(asked) {
      const keeper = keeperAt(asked.url);
      const { url, vault } = keeper.place;
      await demandPlace(ports, keeper.place.url);
      await proveSecret(ports, keyring, { url, secret: secretFrom(asked), vault });
      // What failed, failed of that: nothing has to wait for another try.
      keeper.trouble = null;
      keeper.lastRun = null;
      core.nudge();
    },
    async backUpNow({ anyway }) {
      for (const keeper of core.keepers) keeper.asked = { anyway };
      await deeds.look();
      return { run: core.run?.state.id ?? null, waits: core.run === null ? whatWaits(core, picture) : null };
    },
    async pause(pause) {
      journal.pause.write(pause);
      readPause(core, clock.now());
      // Whoever pauses takes back that it may run in spite of everything.
      for (const keeper of core.keepers)
        if (keeper.deferral !== null) keeper.deferral = { ...keeper.deferral, anyway: false };
      core.tell('paused', { until: pause.until, ...(pause.untilMs === null ? {} : { untilMs: pause.untilMs }) });
      await stopRun(core);
      core.nudge();
    },
    async resume() {
      if (core.pause === null) return false;
      journal.pause.write(null);
      readPause(core, clock.now());
      core.tell('resumed');
      core.nudge();
      return true;
    },
    why: ({ path }) =>
      explain(ports, {
        path,
        sources: core.sources,
        places: core.keepers.map(({ place }) => place),
        failures: core.failures,
        deferralOf: (id) => core.keepers.find(({ place }) => place.id === id)?.deferral ?? null,
        keyring,
      }),
    failures: async () => core.failures,
    activity: async (wanted) => journal.activity.list(wanted),
    waitUntilSafe: ({ timeoutMs }) => waitUntilSafe(core, timeoutMs),
    async stop() {
      deeds.end();
    },
  };
}

async function addPlace(core: Core, url: string, secret: Secret): Promise<AddedPlace> {
  const { journal, ports, keyring } = core;
  if (core.keepers.some(({ place }) => place.url === url)) throw new CofferError('place.known', { store: url });
  await demandPlace(ports, url);
  const { vault, phrase, secretKept } = await findOrMakeVault(ports, keyring, { url, secret });
  const { id } = journal.places.add(url, vault);
  readChoices(core);
  // It has nothing yet, whatever other places have.
  for (const keeper of core.keepers.filter(({ place }) => place.id === id)) {
    for (const source of core.sources)
      if (mayChange(core, source.id)) noteAllChanged(keeper, source.id, ports.clock.monotonic());
  }
  core.tell('placeAdded', { place: url });
  core.nudge();
  return { id, url, vault, phrase, secretKept };
}

/** What has the same name is done one after another, as it was asked for. */
function createTurns(): <Answer>(name: string, deed: () => Promise<Answer>) => Promise<Answer> {
  const last = new Map<string, Promise<unknown>>();
  return async (name, deed) => {
    const before = last.get(name) ?? Promise.resolve();
    const done = before.then(deed, deed);
    last.set(name, done);
    try {
      return await done;
    } finally {
      if (last.get(name) === done) last.delete(name);
    }
  };
}

async function stopRun({ run }: Core): Promise<void> {
  run?.stop();
  await run?.ended;
}

function whatWaits(core: Core, picture: () => AgentState): Reason | null {
  for (const decision of core.decisions.values()) if (decision.kind === 'wait') return decision.reason;
  return picture().reason;
}

/** One place has one name. */
const placeUrl = (url: string): string => parseStoreUrl(url).root;
