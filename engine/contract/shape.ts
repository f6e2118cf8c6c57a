/**
 * What a value from outside may be, as plain data with bounds on everything. By hand and not by a library, because the agent
 * loads it whenever a face asks for something: this takes a millisecond, the library took 200 and 25 MB for as long as the
 * agent lives. The tests compare what both say.
 */
export type Shape<Value> = Rule & { readonly [meant]?: Value };
export type ValueOf<Given> = Given extends Shape<infer Value> ? Value : never;

declare const meant: unique symbol;

type Rule =
  | { readonly kind: 'nothing' | 'flag' }
  | { readonly kind: 'word'; readonly of: readonly (string | null)[] }
  | { readonly kind: 'number'; readonly least: number; readonly most: number; readonly isWhole: boolean }
  | { readonly kind: 'text'; readonly least: number; readonly most: number; readonly isPath: boolean }
  | { readonly kind: 'list'; readonly of: Rule; readonly least: number; readonly most: number }
  | { readonly kind: 'object'; readonly fields: Readonly<Record<string, Rule | Optional<unknown>>> }
  | { readonly kind: 'either'; readonly of: readonly Rule[] }
  | { readonly kind: 'such'; readonly of: Rule; readonly holds: (value: never) => boolean };

type Optional<Value> = { readonly kind: 'optional'; readonly of: Shape<Value> };
type Fields = Readonly<Record<string, Shape<unknown> | Optional<unknown>>>;
type OptionalNames<Given> = {
  [Name in keyof Given]: Given[Name] extends Optional<unknown> ? Name : never;
}[keyof Given];
type ObjectOf<Given extends Fields> = {
  readonly [Name in Exclude<keyof Given, OptionalNames<Given>>]: ValueOf<Given[Name]>;
} & {
  readonly [Name in OptionalNames<Given>]?: Given[Name] extends Optional<infer Value> ? Value : never;
};

type Span = { readonly least?: number; readonly most: number };

export const nothing: Shape<undefined> = { kind: 'nothing' };
export const flag: Shape<boolean> = { kind: 'flag' };
export const word = <const Words extends readonly (string | null)[]>(...of: Words): Shape<Words[number]> => ({
  kind: 'word',
  of,
});
export const whole = (least: number, most: number): Shape<number> => ({ kind: 'number', least, most, isWhole: true });
export const number = (least: number, most: number): Shape<number> => ({ kind: 'number', least, most, isWhole: false });
/** In units of UTF-16. */
export const text = ({ least = 0, most }: Span): Shape<string> => ({ kind: 'text', least, most, isPath: false });
/** Without a NUL, which would cut it short in calls of the system and so name another file. */
export const pathText = (most: number): Shape<string> => ({ kind: 'text', least: 1, most, isPath: true });
export const list = <Value>(of: Shape<Value>, { least = 0, most }: Span): Shape<readonly Value[]> => ({
  kind: 'list',
  of,
  least,
  most,
});
/** With these fields and no others. */
export const object = <Given extends Fields>(fields: Given): Shape<ObjectOf<Given>> => ({ kind: 'object', fields });
export const optional = <Value>(of: Shape<Value>): Optional<Value> => ({ kind: 'optional', of });
export const either = <Given extends readonly Shape<unknown>[]>(...of: Given): Shape<ValueOf<Given[number]>> => ({
  kind: 'either',
  of,
});
export const such = <Value>(of: Shape<Value>, holds: (value: Value) => boolean): Shape<Value> => ({
  kind: 'such',
  of,
  holds,
});

/**
 * What is wrong with a value, and where; null when nothing is. It repeats nothing of the value, not even names of its fields:
 * any of it may be a passphrase.
 */
export function complaintOf(rule: Rule, value: unknown, at = ''): string | null {
  const unless = (isRight: boolean, must: string): string | null => (isRight ? null : `${at} must be ${must}`.trim());
  switch (rule.kind) {
    case 'nothing':
      return unless(value === undefined, 'left out');
    case 'flag':
      return unless(typeof value === 'boolean', 'true or false');
    case 'word':
      return unless(rule.of.includes(value as string | null), rule.of.join(' or '));
    case 'number': {
      const { least, most, isWhole } = rule;
      const isIn = typeof value === 'number' && value >= least && value <= most;
      return unless(isIn && (!isWhole || Number.isInteger(value)), `a ${isWhole ? 'whole ' : ''}number${span(rule)}`);
    }
    case 'text': {
      const isText = typeof value === 'string' && isWithin(value.length, rule);
      return unless(isText && !(rule.isPath && value.includes('\0')), `a text with a length${span(rule)}`);
    }
    case 'list': {
      if (!Array.isArray(value) || !isWithin(value.length, rule))
        return unless(false, `a list with a length${span(rule)}`);
      return firstOf(value, (item, index) => complaintOf(rule.of, item, `${at}/${index}`));
    }
    case 'object':
      return complaintOfObject(rule.fields, value, at);
    case 'either':
      return unless(
        rule.of.some((one) => complaintOf(one, value) === null),
        'one of what is known',
      );
    case 'such':
      // `holds` belongs to the rule that the value has just kept.
      return complaintOf(rule.of, value, at) ?? unless(rule.holds(value as never), 'of one meaning');
  }
}

function complaintOfObject(
  fields: Extract<Rule, { kind: 'object' }>['fields'],
  value: unknown,
  at: string,
): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at} must be an object`.trim();
  if (Object.keys(value).some((name) => !Object.hasOwn(fields, name))) return `${at} must have no other fields`.trim();
  return firstOf(Object.entries(fields), ([name, field]) => {
    const there = Object.hasOwn(value, name);
    if (!there && field.kind === 'optional') return null;
    const rule = field.kind === 'optional' ? field.of : field;
    return there ? complaintOf(rule, value[name as keyof typeof value], `${at}/${name}`) : `${at}/${name} is missing`;
  });
}

const isWithin = (length: number, { least, most }: Required<Span>): boolean => length >= least && length <= most;
const span = ({ least, most }: Required<Span>): string => ` from ${least} to ${most}`;

function firstOf<Item>(items: readonly Item[], ask: (item: Item, index: number) => string | null): string | null {
  for (const [index, item] of items.entries()) {
    const found = ask(item, index);
    if (found !== null) return found;
  }
  return null;
}
