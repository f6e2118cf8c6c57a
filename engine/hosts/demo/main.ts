import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { CofferError, exitCodes, systemClock, systemRandom } from '../../base/index.ts';
import { formatSeconds } from '../text/figures.ts';
import { describeInWords } from '../text/reasons.ts';

/** What `npm start` runs until there is a window: a tour with a folder made for it, in a temporary place. */
const stopping = new AbortController();
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function show(folder: string): Promise<number> {
  const started = systemClock.monotonic();
  const [engine, { runTour }] = await Promise.all([import('../../index.ts'), import('./tour.ts')]);
  say('Coffer, a guided tour. All of it happens in a temporary folder, which is removed at the end.');
  say('');
  const environment = { clock: systemClock, random: systemRandom, signal: stopping.signal, say };
  const good = await runTour({ engine, folder, ...environment, user: 'guest', host: hostname() });
  say('');
  say(
    good
      ? `All as promised, in ${formatSeconds((systemClock.monotonic() - started) / 1000)}.`
      : 'Something is not as promised; see above.',
  );
  if (good) sayHowToGoOn();
  return good ? exitCodes.done : exitCodes.failed;
}

function sayHowToGoOn(): void {
  say('Now with your own files (a folder on another drive is best for the vault):');
  say('  npm run -s coffer -- init --store /path/to/vault');
  say('  npm run -s coffer -- backup --store /path/to/vault ~/Documents');
  say('  npm run -s coffer -- restore --store /path/to/vault latest --target ~/restored');
}

function sayError(error: unknown): number {
  if (stopping.signal.aborted) {
    say('Stopped. Nothing is left behind.');
    return exitCodes.cancelled;
  }
  if (!(error instanceof CofferError)) throw error;
  const { what, meaning, remedy } = describeInWords(error);
  process.stderr.write(`${what}\n  ${meaning}\n  ${remedy}\n`);
  return exitCodes.failed;
}

for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort(new CofferError('cancelled')));
process.removeAllListeners('warning');
// Real, because macOS reaches its temporary folder through a link.
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'coffer-tour-')));
try {
  process.exitCode = await show(folder).catch(sayError);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
