import { timeOfMs } from '../../../base/index.ts';
import type {
  Activity,
  AgentState,
  Pause,
  PlaceState,
  Reason,
  RunState,
  SourceState,
  StatePatch,
} from '../../../contract/index.ts';
import { activityWords } from '../../text/agent-activity.ts';
import { agentReason, type Naming } from '../../text/agent-reasons.ts';
import { isoTime } from '../../text/times.ts';

/** The agent's state as `--json` gives it; the table documents each field. */
export function stateJson(state: AgentState, naming: Naming): Record<string, unknown> {
  return patchJson(state, naming);
}

/** Only the fields that changed, under the names of `coffer status --json`. */
export function patchJson(patch: StatePatch, naming: Naming): Record<string, unknown> {
  const { standing, reason, exposure, coverage, protectedMs, nextRunMs, run, pause } = patch;
  const { places, sources, processId, version } = patch;
  return {
    ...(standing === undefined ? {} : { state: standing }),
    ...(reason === undefined ? {} : { reason: reasonJson(reason, naming) }),
    ...(exposure === undefined ? {} : { exposure }),
    ...(coverage === undefined ? {} : { coverage }),
    ...(protectedMs === undefined ? {} : { protected: timeJson(protectedMs) }),
    ...(nextRunMs === undefined ? {} : { nextRun: timeJson(nextRunMs) }),
    ...(run === undefined ? {} : { run: runJson(run, naming) }),
    ...(pause === undefined ? {} : { pause: pauseJson(pause) }),
    ...(places === undefined ? {} : { places: places.map((place) => placeJson(place, naming)) }),
    ...(sources === undefined ? {} : { sources: sources.map((source) => sourceJson(source, naming)) }),
    ...(processId === undefined ? {} : { processId }),
    ...(version === undefined ? {} : { version }),
  };
}

export function reasonJson(reason: Reason | null, naming: Naming): Record<string, unknown> | null {
  if (reason === null) return null;
  const { words, remedy } = agentReason(reason, naming);
  return { code: reason.code, context: reason.context, text: words, remedy };
}

export function timeJson(ms: number | null): string | null {
  return ms === null ? null : isoTime(timeOfMs(ms));
}

export function pauseJson(pause: Pause | null): Record<string, unknown> | null {
  return pause === null ? null : { until: pause.until, time: timeJson(pause.untilMs) };
}

function runJson(run: RunState | null, naming: Naming): Record<string, unknown> | null {
  if (run === null) return null;
  const { reason, startedMs, ...figures } = run;
  return { ...figures, started: timeJson(startedMs), reason: reasonJson(reason, naming) };
}

export function placeJson(place: PlaceState, naming: Naming): Record<string, unknown> {
  const { id, url, vault, standing, reason, protectedMs, snapshot, files, bytes, uploads } = place;
  return {
    ...{ id, url, vault, state: standing, reason: reasonJson(reason, naming) },
    ...{ protected: timeJson(protectedMs), snapshot, files, bytes, uploads },
  };
}

export function sourceJson(source: SourceState, naming: Naming): Record<string, unknown> {
  const { id, path, standing, reason, watching } = source;
  return { id, path, state: standing, reason: reasonJson(reason, naming), watching };
}

export function activityJson(entry: Activity, naming: Naming): Record<string, unknown> {
  const { id, atMs, kind, isProblem, context } = entry;
  return { id, at: timeJson(atMs), kind, problem: isProblem, context, text: activityWords(entry, naming) };
}
