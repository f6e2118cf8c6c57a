/**
 * The command line with an agent that does nothing but what FAKE says: `crash` right after it is ready, `hang` (does not end
 * when told to), `slow` (takes a second to load), `refuse` (fails to start in a way that is known), `assert` (in an
 * unforeseen one). Everything else is real: processes, locks, sockets, signals.
 */
import { appendFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { assert, CofferError, systemClock } from '../../../engine/base/index.ts';
import type { AgentApi, AgentState } from '../../../engine/contract/index.ts';
import { realHost } from '../../../engine/hosts/cli/real-host.ts';
import { run } from '../../../engine/hosts/cli/run.ts';
import type { Agent, CreateAgent } from '../../../engine/hosts/daemon/wiring.ts';

const { FAKE = '', FAKE_STARTS } = process.env;

function noteStart(): void {
  if (FAKE_STARTS !== undefined) appendFileSync(FAKE_STARTS, `${process.pid} ${getPriority()}\n`);
}

async function loadAgent(): Promise<CreateAgent> {
  if (FAKE !== 'slow') return createAgent;
  noteStart();
  await systemClock.sleep(1000);
  return createAgent;
}

const createAgent: CreateAgent = (ports, { version, processId }): Agent => {
  const gone = Promise.withResolvers<void>();
  const close = async (): Promise<void> => {
    if (FAKE === 'hang') await new Promise(() => {});
    gone.resolve();
  };
  const state: AgentState = {
    ...({ standing: 'safe', reason: null, version, processId } as const),
    exposure: { files: 0, bytes: 0, seconds: 0 },
    coverage: { seen: 0, saved: 0, leftOut: 0, failed: 0, deferred: 0, files: 0, bytes: 0 },
    ...{ protectedMs: null, nextRunMs: null, run: null, pause: null, sources: [], places: [] },
  };
  const api = { state: async () => state, stop: async () => void setTimeout(close, 10) };
  return {
    // The daemon asks for no more.
    api: api as unknown as AgentApi,
    on: () => () => {},
    closed: gone.promise,
    close,
    async start() {
      if (FAKE !== 'slow') noteStart();
      ports.log.warn('the fake agent starts');
      if (FAKE === 'refuse') throw new CofferError('home.unusable', { path: ports.home, detail: 'a test says so' });
      assert(FAKE !== 'assert', 'a test says so');
      if (FAKE === 'crash') setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100);
      if (FAKE === 'assertLater') setTimeout(() => assert(false, 'a test says so'), 100);
    },
  };
};

process.removeAllListeners('warning');
const real = realHost();
// Whose pauses are shorter by so much.
const haste = Number(process.env.FAKE_HASTE ?? 1);
const host = {
  ...real,
  clock: { ...real.clock, sleep: (ms: number, signal?: AbortSignal) => real.clock.sleep(ms / haste, signal) },
  program: [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)] as const,
  createAgent: loadAgent,
};
process.exit(await run(host));
