/**
 * What each method of the agent takes, with bounds on everything: whoever speaks to the agent may be wrong, old or hostile.
 * Bounds stop what could harm the agent; whether a path exists or a URL means something is for the method itself to say.
 */
import Type, { type Static } from 'typebox';
import type { AgentApi, AgentMethod } from './agent-api.ts';
import type { Pause } from './state.ts';

/** Letters of a path: eight times what Linux takes in one call, since deeper folders are reached step by step. */
const pathLength = 32_768;
/** Letters of any other line of text. */
const textLength = 4096;
/** The last moment that a Date can say. */
const timeMax = 8.64e15;
const weekMs = 7 * 24 * 3_600_000;

const object = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const whole = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });
// A NUL would cut the path short in calls of the system, and name another file.
const path = Type.String({ minLength: 1, maxLength: pathLength, pattern: '^[^\\0]*$' });
const url = Type.String({ minLength: 1, maxLength: textLength, pattern: '^[^\\0]*$' });
// An empty one is refused with better words by whoever makes the key.
const passphrase = Type.String({ maxLength: textLength });
const minuteOfDay = whole(0, 1439);

const rules = object({
  patterns: Type.Array(Type.String({ maxLength: textLength }), { maxItems: 1000 }),
  presets: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 64 }),
  cacheDirTag: Type.Boolean(),
  oneFileSystem: Type.Boolean(),
  sizeMax: Type.Optional(whole(0, Number.MAX_SAFE_INTEGER)),
  ageMaxDays: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000 })),
});

const schedule = Type.Union([
  object({
    kind: Type.Literal('continuous'),
    quietSeconds: Type.Number({ minimum: 0, maximum: 3600 }),
    exposureMinutes: Type.Number({ minimum: 0, maximum: 7 * 1440 }),
  }),
  object({
    kind: Type.Literal('times'),
    minutes: Type.Array(minuteOfDay, { minItems: 1, maxItems: 1440 }),
    days: Type.Array(whole(0, 6), { maxItems: 7 }),
  }),
]);

const policies = object({
  batteryPercentMin: Type.Union([whole(0, 100), Type.Null()]),
  onBattery: Type.Boolean(),
  onMetered: Type.Boolean(),
  quietHours: Type.Array(object({ fromMinute: minuteOfDay, toMinute: minuteOfDay }), { maxItems: 24 }),
});

const pause = Type.Refine(
  object({
    until: Type.Union([Type.Literal('time'), Type.Literal('power'), Type.Literal('resumed')]),
    untilMs: Type.Union([whole(0, timeMax), Type.Null()]),
  }),
  ({ until, untilMs }: Pause) => (until === 'time') === (untilMs !== null),
);

const nothing = Type.Undefined();

export const methods = {
  state: nothing,
  settings: nothing,
  changeSettings: object({ schedule: Type.Optional(schedule), policies: Type.Optional(policies) }),
  addSource: object({ path, rules }),
  removeSource: object({ path }),
  listSources: nothing,
  addPlace: object({ url, passphrase }),
  removePlace: object({ url }),
  listPlaces: nothing,
  unlock: object({ url, passphrase }),
  backUpNow: object({ anyway: Type.Boolean() }),
  pause,
  resume: nothing,
  why: object({ path }),
  failures: nothing,
  activity: object({ most: whole(0, 10_000), problemsOnly: Type.Boolean() }),
  waitUntilSafe: object({ timeoutMs: Type.Number({ minimum: 0, maximum: weekMs }) }),
  stop: nothing,
} satisfies Record<AgentMethod, unknown>;

/** What a method takes; undefined where it takes nothing. */
export type ArgumentOf<Method extends AgentMethod> = Parameters<AgentApi[Method]>[0];

type Deep<Value> = Value extends object ? { readonly [Key in keyof Value]: Deep<Value[Key]> } : Value;
type Same<One, Other> =
  (<Probe>() => Probe extends One ? 1 : 2) extends <Probe>() => Probe extends Other ? 1 : 2 ? true : false;

/** Methods whose schema says something else than their type. */
type Disagreeing = {
  [Method in AgentMethod]: Same<Deep<Static<(typeof methods)[Method]>>, Deep<ArgumentOf<Method>>> extends true
    ? never
    : Method;
}[AgentMethod];
type None<Names extends never> = Names;
/** Does not compile, and names the methods, when a schema and a type disagree. */
export type SchemasAgree = None<Disagreeing>;
