/**
 * What each method of the agent takes, with bounds on everything: whoever speaks to the agent may be wrong, old or hostile.
 * Bounds stop what could harm the agent; whether a path exists or a URL means something is for the method itself to say.
 */
import { limits } from '../base/index.ts';
import type { AgentApi, AgentMethod } from './agent-api.ts';
import {
  either,
  flag,
  list,
  nothing,
  number,
  object,
  optional,
  pathText,
  such,
  text,
  type ValueOf,
  whole,
  word,
} from './shape.ts';

/** Letters of a path: eight times what Linux takes in one call, since deeper folders are reached step by step. */
const pathLength = 32_768;
/** Letters of any other line of text. */
const textLength = 4096;
/** The last moment that a Date can say. */
const timeMax = 8.64e15;
const weekMs = 7 * 24 * 3_600_000;

const path = pathText(pathLength);
const url = pathText(textLength);
// An empty one is refused with better words by whoever makes the key.
const passphrase = text({ most: textLength });
const withSecret = either(object({ url, passphrase }), object({ url, phrase: passphrase }));
const rate = either(whole(limits.bandwidthLeast, 1e12), word(null));
const minuteOfDay = whole(0, 1439);
// 32 bytes on the air; a byte that is no UTF-8 may be shown as a letter of its own.
const wifiName = text({ least: 1, most: 64 });

const rules = object({
  patterns: list(text({ most: textLength }), { most: 1000 }),
  presets: list(text({ most: 64 }), { most: 64 }),
  cacheDirTag: flag,
  oneFileSystem: flag,
  sizeMax: optional(whole(0, Number.MAX_SAFE_INTEGER)),
  ageMaxDays: optional(number(0, 1_000_000)),
});

const schedule = either(
  object({
    kind: word('continuous'),
    quietSeconds: number(0, 3600),
    exposureMinutes: number(0, 7 * 1440),
  }),
  object({
    kind: word('times'),
    minutes: list(minuteOfDay, { least: 1, most: 1440 }),
    days: list(whole(0, 6), { most: 7 }),
  }),
);

const policies = object({
  batteryPercentMin: either(whole(0, 100), word(null)),
  onBattery: flag,
  onMetered: flag,
  wifi: either(object({ kind: word('only', 'never'), names: list(wifiName, { least: 1, most: 100 }) }), word(null)),
  quietHours: list(object({ fromMinute: minuteOfDay, toMinute: minuteOfDay }), { most: 24 }),
  bandwidth: object({
    limits: list(object({ fromMinute: minuteOfDay, toMinute: minuteOfDay, bytesPerSecond: rate }), { most: 24 }),
    otherwise: rate,
  }),
});

const pause = such(
  object({
    until: word('time', 'power', 'resumed'),
    untilMs: either(whole(0, timeMax), word(null)),
  }),
  ({ until, untilMs }) => (until === 'time') === (untilMs !== null),
);

export const methods = {
  state: nothing,
  settings: nothing,
  changeSettings: object({
    schedule: optional(schedule),
    policies: optional(policies),
    pace: optional(word('gentle', 'normal', 'full')),
  }),
  addSource: object({ path, rules }),
  removeSource: object({ path }),
  listSources: nothing,
  addPlace: withSecret,
  removePlace: object({ url }),
  listPlaces: nothing,
  unlock: withSecret,
  backUpNow: object({ anyway: flag }),
  pause,
  resume: nothing,
  why: object({ path }),
  failures: nothing,
  activity: object({ most: whole(0, 10_000), problemsOnly: flag }),
  waitUntilSafe: object({ timeoutMs: number(0, weekMs) }),
  stop: nothing,
} satisfies Record<AgentMethod, unknown>;

/** What a method takes; undefined where it takes nothing. */
export type ArgumentOf<Method extends AgentMethod> = Parameters<AgentApi[Method]>[0];

type Deep<Value> = Value extends object ? { readonly [Key in keyof Value]: Deep<Value[Key]> } : Value;
type Same<One, Other> =
  (<Probe>() => Probe extends One ? 1 : 2) extends <Probe>() => Probe extends Other ? 1 : 2 ? true : false;

/** Methods whose shape says something else than their type. */
type Disagreeing = {
  [Method in AgentMethod]: Same<Deep<ValueOf<(typeof methods)[Method]>>, Deep<ArgumentOf<Method>>> extends true
    ? never
    : Method;
}[AgentMethod];
type None<Names extends never> = Names;
/** Does not compile, and names the methods, when a schema and a type disagree. */
export type SchemasAgree = None<Disagreeing>;
