import { isCofferError } from '../../engine/base/index.ts';
import { drawEvent, endTroubles, journalMayBeLost, type Stage } from './events.ts';
import { type Life, type Sabotage, startLife } from './life.ts';
import { nightLeastMs, nightMostMs, sleepOneNight } from './nights.ts';
import { createPerson } from './person.ts';
import { settled } from './time.ts';
import { judge } from './verdict.ts';
import { createWitness, demand, type Witness } from './witness.ts';
import { createWorld, type World } from './world.ts';

export type SeedResult = {
  readonly seed: number;
  readonly trace: readonly string[];
  /** The promise that was broken; null when all were kept. */
  readonly broken: string | null;
};

export type SeedOptions = {
  readonly sabotage?: Sabotage;
  /** Nothing goes wrong in this world, but the computer sleeps so many times. */
  readonly nights?: number;
};

/** One world from its beginning to its end. */
export async function runSeed(seed: number, { sabotage = {}, nights = 0 }: SeedOptions = {}): Promise<SeedResult> {
  const world = await createWorld(seed);
  const witness = createWitness(world);
  const hear = (error: unknown): void => {
    if (!world.isOff) witness.fail(new Error(`the agent ended of its own fault: ${textOf(error)}`, { cause: error }));
  };
  process.on('unhandledRejection', hear);
  try {
    await live(world, witness, { sabotage, nights });
  } catch (error) {
    witness.fail(error instanceof Error ? error : new Error(String(error)));
  } finally {
    await settled();
    process.off('unhandledRejection', hear);
  }
  const { broken } = witness;
  world.say(`after ${world.disk.calls} calls ${broken === null ? 'all is well' : broken.message}`);
  return { seed, trace: world.trace, broken: broken === null ? null : textOf(broken) };
}

const textOf = (error: unknown): string => {
  if (isCofferError(error)) return `${error.code} ${JSON.stringify(error.context)}\n${error.stack}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

async function live(world: World, witness: Witness, { sabotage, nights }: Required<SeedOptions>): Promise<void> {
  const { dice, time, disk } = world;
  let life = begin(world, witness, sabotage);
  const person = createPerson(world, () => (life.isAlive ? life.ears : null));
  const stage: Stage = {
    ...{ world, person, witness },
    life: () => life,
    async crash(between) {
      await settled();
      world.say('the agent dies');
      life.die();
      if (!world.isOff) disk.restart();
      await between();
      disk.restart();
      world.isOff = false;
      journalMayBeLost(world, witness);
      life = begin(world, witness, sabotage);
    },
  };
  for (let step = nights > 0 ? 0 : dice.between(8, 30); step > 0 && witness.broken === null; step--) {
    await drawEvent(world)(stage);
    await time.advance(dice.chance(80) ? dice.between(50, 8000) : dice.between(20_000, 100_000));
  }
  if (isBroken(witness)) return;
  world.say('all troubles end');
  await endTroubles(stage);
  await becomeSafe(stage);
  if (isBroken(witness)) return;
  for (let night = Math.max(1, nights); night > 0; night--) {
    if (nights > 0) person.work();
    await sleepOneNight(stage, dice.between(nightLeastMs, nightMostMs));
    if (isBroken(witness)) return;
  }
  // The next slot may have come by then, and its run go on.
  await becomeSafe(stage);
  if (isBroken(witness)) return;
  const { state } = witness;
  life.die();
  disk.restart();
  await judge(world, witness, state);
}

const isBroken = ({ broken }: Witness): boolean => broken !== null;

function begin(world: World, witness: Witness, sabotage: Sabotage): Life {
  const life = startLife(world, sabotage);
  world.say(`agent ${world.lives} starts`);
  witness.follow(life);
  life.agent.start().catch((error: unknown) => witness.fail(error instanceof Error ? error : new Error(String(error))));
  return life;
}

const safeWithinMs = 60 * 60_000;
const noticedWithinMs = 60_000;

/** What events did not tell is found when the computer has slept for a day. */
async function becomeSafe({ world, witness, life }: Stage): Promise<void> {
  const { time } = world;
  if (life().ears.hasLost) {
    time.moveWall(25 * 3_600_000);
    witness.wake();
    await time.advance(noticedWithinMs);
  }
  const endMs = time.monotonicMs + safeWithinMs;
  do {
    await time.advance(5000);
    if (witness.broken !== null) return;
    if (witness.state?.standing === 'safe' && witness.state.exposure.seconds === 0 && !life().ears.isHearing) return;
  } while (time.monotonicMs < endMs);
  const { standing, reason } = witness.state ?? { standing: 'unknown', reason: null };
  demand(false, `never became safe: ${standing} ${JSON.stringify(reason)}`);
}
