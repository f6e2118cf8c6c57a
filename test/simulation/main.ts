import { parseArgs } from 'node:util';
import { planted } from './planted.ts';
import { runSeed } from './run-seed.ts';

// npm run sim -- --seed N [--plant NAME]: the trace of one world.
// npm run sim -- … --nights N: nothing goes wrong, but the computer sleeps so many times.
// npm run sim -- [--from N] [--count N] [--seconds N] [--plant NAME]: many worlds; with a planted fault, until it is found.
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    count: { type: 'string', default: '100' },
    seconds: { type: 'string', default: 'Infinity' },
    plant: { type: 'string' },
    nights: { type: 'string', default: '0' },
  },
});
const write = (line: string): void => void process.stdout.write(`${line}\n`);
const sabotage = values.plant === undefined ? {} : planted[values.plant];
if (sabotage === undefined) throw new Error(`planted are ${Object.keys(planted).join(', ')}`);

const options = { sabotage, nights: Number(values.nights) };

// Code that is loaded on first use would make the first world another one.
await runSeed(0);
if (values.seed !== undefined) {
  const { trace, broken } = await runSeed(Number(values.seed), options);
  for (const line of trace) write(line);
  if (broken !== null) write(`BROKEN ${broken}`);
} else {
  const [from, count, seconds] = [Number(values.from), Number(values.count), Number(values.seconds)];
  const began = performance.now();
  const passed = (): number => (performance.now() - began) / 1000;
  let bad = 0;
  let done = 0;
  for (let seed = from; seed < from + count && passed() < seconds; seed++, done++) {
    const { broken } = await runSeed(seed, options);
    if (broken === null) continue;
    bad++;
    write(`seed ${seed}: ${broken.split('\n')[0]}`);
    if (values.plant !== undefined) break;
  }
  write(`${done} seeds from ${from}, ${bad} broken, ${(done / passed()).toFixed(1)} a second`);
}
