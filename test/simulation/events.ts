import { isCofferError } from '../../engine/base/index.ts';
import { syncCalls } from '../fault/simulated/scenarios.ts';
import type { Life } from './life.ts';
import type { Person } from './person.ts';
import type { Witness } from './witness.ts';
import { dataFolder, goodLine, homeFolder, journalOfChoices, rules, spareBytes, type World } from './world.ts';

/** What events happen to. */
export type Stage = {
  readonly world: World;
  readonly person: Person;
  readonly witness: Witness;
  readonly life: () => Life;
  /** The agent's process dies, and another one is started after a while. */
  readonly crash: (between: () => Promise<void>) => Promise<void>;
};

type Event = (stage: Stage) => Promise<void> | void;

const yearMs = 365 * 24 * 3_600_000;

/** Calls the agent as a face does: an error that a person can be told is an answer. */
function ask(
  { world, witness, life }: Stage,
  what: string,
  call: (api: Life['agent']['api']) => Promise<unknown>,
): void {
  const asked = life();
  world.say(`asks ${what}`);
  call(asked.agent.api).then(
    () => world.say(`answered ${what}`),
    (error: unknown) => {
      if (isCofferError(error)) return world.say(`refused ${what}: ${error.code}`);
      if (asked.isAlive && !world.isOff) witness.fail(new Error(`${what}: ${String(error)}`, { cause: error }));
    },
  );
}

/** What the person does with other files always succeeds. */
const ofAgent = (path: string): boolean => path.startsWith(homeFolder) || /^\/places\/\d/.test(path);

async function work({ world, person }: Stage): Promise<void> {
  for (let deed = world.dice.between(1, 4); deed > 0; deed--) person.work();
}

async function busy({ world, person }: Stage): Promise<void> {
  for (let deed = world.dice.between(10, 40); deed > 0; deed--) {
    person.work();
    await world.time.advance(world.dice.between(500, 4000));
  }
}

function trouble(name: string, begin: (stage: Stage) => void, end: (stage: Stage) => void): Event {
  return (stage) => {
    const { world, witness } = stage;
    witness.disturb();
    if (name === 'pause') world.olderJournal = null;
    const isOver = world.troubles.delete(name);
    if (!isOver) world.troubles.add(name);
    world.say(`${name} ${isOver ? 'is over' : 'begins'}`);
    (isOver ? end : begin)(stage);
  };
}

const pause = trouble(
  'pause',
  (stage) => ask(stage, 'pause', (api) => api.pause({ until: 'resumed', untilMs: null })),
  (stage) => ask(stage, 'resume', (api) => api.resume()),
);

const battery = trouble(
  'battery',
  ({ world, life }) => {
    Object.assign(world.power, { onBattery: true, percent: world.dice.of([5, 50]) });
    life().hearPower();
  },
  ({ world, life }) => {
    Object.assign(world.power, { onBattery: false, percent: 90 });
    life().hearPower();
  },
);

const badStore = trouble(
  'store',
  () => {},
  () => {},
);
const full = trouble(
  'full',
  ({ world }) => world.disk.setCapacity(world.disk.usedBytes + spareBytes),
  ({ world }) => world.disk.setCapacity(Number.POSITIVE_INFINITY),
);

const failingSyncs = trouble(
  'syncs',
  ({ world: { disk, dice } }) =>
    disk.failAt(dice.between(1, 12), dice.of(['EIO', 'ENOSPC']), {
      calls: syncCalls,
      path: ofAgent,
      times: dice.between(1, 3),
    }),
  ({ world }) => world.disk.clearFaults(),
);

const badLine = trouble(
  'line',
  ({ world: { dice, line } }) => {
    for (const fault of lineFaults) line.faults[fault] = dice.chance(40) ? dice.of([0.02, 0.1, 0.3]) : 0;
  },
  ({ world }) => void Object.assign(world.line.faults, goodLine),
);
const lineFaults = ['reset', 'lostRequest', 'lostAnswer', 'duplicated', 'silent', 'deaf', 'slow'] as const;

const plug =
  (candidates: (world: World) => readonly string[]): Event =>
  ({ world, person, witness, life }) => {
    const path = world.dice.of(candidates(world));
    witness.disturb();
    const isBack = world.away.delete(path);
    if (isBack) person.plugBack(path);
    else {
      world.away.add(path);
      person.unplug(path);
    }
    world.say(`${path} is ${isBack ? 'back' : 'unplugged'}`);
    life().ears.emit({ kind: isBack ? 'back' : 'gone' }, path);
  };

const clockSet: Event = ({ world, witness }) => {
  const ms = world.dice.of([-10 * yearMs, 10 * yearMs, -3_600_000, 3_600_000, 90_000, -90_000]);
  world.say(`the clock is set by ${ms} ms`);
  world.time.moveWall(ms);
  witness.wake();
  witness.forgetSlots();
};

const computerSleeps: Event = ({ world, witness }) => {
  const ms = world.dice.of([20_000, 600_000, 9 * 3_600_000]);
  world.say(`sleeps for ${ms} ms`);
  world.time.moveWall(ms);
  witness.wake();
};

const lossy: Event = ({ world, life }) => {
  const { ears } = life();
  ears.losePercent = ears.losePercent === 0 ? 30 : 0;
  world.say(`${ears.losePercent} % of the events get lost`);
};

const overflow: Event = ({ life }) => life().ears.emit({ kind: 'overflow' });
const limit: Event = ({ life }) => life().ears.limit();

const now: Event = (stage) => {
  const anyway = stage.world.dice.chance(40);
  ask(stage, `back up now${anyway ? ' anyway' : ''}`, (api) => api.backUpNow({ anyway }));
};

const choose: Event = (stage) => {
  const { world } = stage;
  const path = `${dataFolder}/photos`;
  if (world.away.has(path)) return;
  world.olderJournal = null;
  if (world.sources.delete(path)) return ask(stage, `remove ${path}`, (api) => api.removeSource({ path }));
  world.sources.add(path);
  ask(stage, `add ${path}`, (api) => api.addSource({ path, rules }));
};

const copyJournal: Event = ({ world, life }) => {
  world.olderJournal = life().journalNow();
};

const kill: Event = async ({ world, person, crash }) => {
  if (world.dice.chance(60)) await world.time.advance(world.dice.integer(1500));
  await crash(async () => {
    for (let deed = world.dice.integer(4); deed > 0; deed--) person.work();
    await world.time.advance(world.dice.integer(5000));
  });
};

/** Between two calls of the agent to its disk; the agent has something to do then. */
const powerLoss: Event = async (stage) => {
  const { world, person, crash } = stage;
  const { disk, dice, time } = world;
  person.work();
  world.isDoomed = true;
  disk.powerLossAt(dice.between(1, 500), { path: ofAgent });
  ask(stage, 'back up now', (api) => api.backUpNow({ anyway: true }));
  await time.advance(dice.between(10, 8000));
  disk.clearFaults();
  world.isDoomed = false;
  if (!world.isOff) {
    world.isOff = true;
    world.journal = stage.life().journalNow();
    disk.powerLoss();
  }
  await crash(async () => void (await time.advance(dice.between(1000, 60_000))));
};

/** What becomes of the journal while nobody has it open. */
export function journalMayBeLost(world: World, witness: Witness): void {
  const { journal } = world;
  putAside(world);
  if (world.journal !== journal) witness.forgetSlots();
  world.olderJournal = null;
}

function putAside(world: World): void {
  if (world.dice.chance(10)) {
    world.say('the journal is lost');
    world.journal = journalOfChoices(world);
  } else if (world.olderJournal !== null && world.dice.chance(20)) {
    world.say('an older copy of the journal is put back');
    world.journal = world.olderJournal;
  }
}

/** How often each happens. */
export const events: readonly (readonly [number, Event])[] = [
  [40, work],
  [4, busy],
  [4, pause],
  [4, battery],
  [5, badStore],
  [5, (stage) => (stage.world.places.some(({ isFar }) => isFar) ? badLine(stage) : work(stage))],
  [3, full],
  [4, failingSyncs],
  [4, plug(({ places }) => places.map(({ url }) => url))],
  [4, plug(({ sources }) => [...sources].sort())],
  [3, clockSet],
  [5, computerSleeps],
  [3, lossy],
  [2, overflow],
  [1, limit],
  [6, now],
  [3, choose],
  [3, copyJournal],
  [6, kill],
  [6, powerLoss],
];

export function drawEvent({ dice }: World): Event {
  let at = dice.integer(events.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, event] of events) {
    at -= weight;
    if (at < 0) return event;
  }
  return work;
}

/** Everything that was taken away is given back, so that the agent has no excuse. */
export async function endTroubles(stage: Stage): Promise<void> {
  const { world, person, witness, life } = stage;
  witness.disturb();
  for (const event of [pause, battery, badStore, badLine, full, failingSyncs])
    if (world.troubles.has(nameOf(event))) await event(stage);
  for (const path of [...world.away].sort()) {
    world.away.delete(path);
    person.plugBack(path);
    life().ears.emit({ kind: 'back' }, path);
  }
  life().ears.losePercent = 0;
}

const nameOf = (event: Event): string =>
  new Map<Event, string>([
    [pause, 'pause'],
    [battery, 'battery'],
    [badStore, 'store'],
    [badLine, 'line'],
    [full, 'full'],
    [failingSyncs, 'syncs'],
  ]).get(event) ?? '';
