import type { Pause } from '../../../contract/index.ts';
import { pauseWords } from '../../text/agent-reasons.ts';
import { pauseJson } from '../agent/json.ts';
import { sayWhenAlone, withAgent } from '../agent/with-agent.ts';
import type { CallOf, Run } from '../commands.ts';
import { parseSeconds } from '../quantities.ts';
import { usageError } from '../usage.ts';

export const pause: Run<'pause'> = async (session, call) => {
  const { host, output } = session;
  const nowMs = host.clock.now();
  const asked = pauseOf(call, nowMs);
  return await withAgent(session, { alone: true }, async (agent) => {
    await agent.api.pause(asked);
    output.object(pauseJson(asked));
    output.say(`${output.style.attention('Paused')} ${pauseWords(asked, nowMs)}. Resume: coffer resume`);
    sayWhenAlone(session, agent);
    return 'done';
  });
};

export const resume: Run<'resume'> = async (session) => {
  const { output } = session;
  return await withAgent(session, { alone: true }, async (agent) => {
    const resumed = await agent.api.resume();
    output.object({ resumed });
    output.say(
      resumed
        ? `${output.style.safe('Resumed.')} What has changed meanwhile is saved next.`
        : 'Nothing was paused, and nothing is changed.',
    );
    sayWhenAlone(session, agent);
    return 'done';
  });
};

function pauseOf({ options }: CallOf<'pause'>, nowMs: number): Pause {
  const { for: span, until } = options;
  if (span !== undefined && until !== undefined) throw usageError('--for and --until exclude each other.', 'pause');
  if (span !== undefined) {
    return { until: 'time', untilMs: nowMs + parseSeconds(span, '--for', 'pause') * 1000 };
  }
  if (until === 'tomorrow') return { until: 'time', untilMs: nextMidnight(nowMs) };
  return { until: until === 'power' ? 'power' : 'resumed', untilMs: null };
}

function nextMidnight(nowMs: number): number {
  const date = new Date(nowMs);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}
