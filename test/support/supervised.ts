import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../engine/base/index.ts';
import type { AgentApi, AgentState } from '../../engine/contract/index.ts';
import { connectAgent } from '../../engine/hosts/rpc/connect-agent.ts';
import { type Computer, passphrase } from './coffer.ts';
import { pause } from './guarded.ts';

/** The agent of one computer as people start it, `coffer daemon start`: with the supervisor that ends and starts it anew. */
export type Supervised = {
  /** Of whichever agent answers now. */
  ask<T>(question: (api: AgentApi) => Promise<T>): Promise<T>;
  status(): Promise<{ readonly processId: number | null; readonly restarts: number }>;
  /** Resolves with the first state that is as wanted, of whichever agent; throws with the last one when none is in time. */
  until(what: string, holds: (state: AgentState) => boolean, mostMs?: number): Promise<AgentState>;
  /** What agent and supervisor have written down. */
  log(): string;
};

/** Runs until the test is over. */
export async function startSupervised(computer: Computer, hangLimit: string): Promise<Supervised> {
  onTestFinished(async () => void (await computer.coffer(['daemon', 'stop'])));
  const environment = { COFFER_PASSPHRASE: passphrase, COFFER_HANG_LIMIT: hangLimit };
  const { exit, err } = await computer.coffer(['daemon', 'start'], { environment });
  if (exit !== 0) throw new Error(`the agent was not started: ${err}`);
  const ask = async <T>(question: (api: AgentApi) => Promise<T>): Promise<T> => {
    const connection = await connectAgent(join(computer.home, 'agent.sock'), { version: '0', clock: systemClock });
    if (connection === null) throw new Error('no agent answers');
    try {
      return await question(connection.api);
    } finally {
      await connection.close();
    }
  };
  return {
    ask,
    status: async () => await computer.json(['daemon', 'status']),
    async until(what, holds, mostMs = 90_000) {
      let last: unknown = null;
      for (const began = performance.now(); performance.now() - began < mostMs; await pause(100)) {
        // Between two lives nobody answers.
        const state = await Promise.race([ask((api) => api.state()).catch(String), pause(5_000)]);
        last = state ?? last;
        if (typeof state === 'object' && holds(state)) return state;
      }
      throw new Error(`never ${what}: ${JSON.stringify(last, null, 1)}`);
    },
    log: () => readFileSync(join(computer.home, 'agent.log'), 'utf8'),
  };
}
