// The program, whose agent reads so many milliseconds in a run: the real one would need a first backup of gigabytes.
import process from 'node:process';
import { realHost } from '../../engine/hosts/cli/real-host.ts';
import { run } from '../../engine/hosts/cli/run.ts';

const readMs = 60;
/** As the real one: a run that got no further is followed by a longer one, however busy the computer is. */
const readMsOf = (_: unknown, stuckRuns: number): number => readMs * 2 ** stuckRuns;

const host = realHost();
process.exit(
  await run({
    ...host,
    async createAgent() {
      const createAgent = await host.createAgent();
      return (ports, identity) => createAgent({ ...ports, readMs: readMsOf }, identity);
    },
  }),
);
