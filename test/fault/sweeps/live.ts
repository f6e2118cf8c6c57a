import { createPerson, createPromises, type Promises, type Sabotage } from './person.ts';
import { verdictOf } from './verdict.ts';
import { createWorld, dayMs } from './world.ts';

export type Lived = {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly figures: Promises['figures'];
};

const actsEach = 9;

/**
 * Row 18: three computers on one place back up, forget, take back and sweep; they sleep for months, die and have their clocks
 * set at any of their calls. In the end everything that was promised must be there.
 */
export async function liveThrough(seed: number, sabotage: Sabotage = {}): Promise<Lived> {
  const world = await createWorld(seed);
  const promises = createPromises();
  const people = ['ann', 'bob', 'eve'].map((name) => createPerson(world, world.device(name), promises, sabotage));
  await world.run(people.map((person) => person.live(actsEach)));
  // What is left over now may go, by whoever is the quickest.
  for (let month = 0; month < 2; month++) {
    world.pass(31 * dayMs);
    await world.run(people.map((person) => person.sweep()));
  }
  const faults: string[] = [];
  await world.run([verdictOf(world, world.device('witness'), promises).then((found) => void faults.push(...found))]);
  return { seed, faults, figures: promises.figures };
}
