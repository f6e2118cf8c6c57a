import fc from 'fast-check';
import Type from 'typebox';
import { Compile } from 'typebox/schema';
import { Settings } from 'typebox/system';
import { describe, expect, it } from 'vitest';
import { unreachable } from '../../engine/base/index.ts';
import { methods } from '../../engine/contract/schemas.ts';
import { complaintOf, type Shape } from '../../engine/contract/shape.ts';

/** What calls may hold is judged by a few lines of our own; here a library that many use gives a second opinion. */

Settings.Set({ exactOptionalPropertyTypes: true }); // An optional field that is there has a value.

type AnyShape = Shape<unknown>;
type Field = Extract<AnyShape, { kind: 'object' }>['fields'][string];

function asTypeBox(shape: Field): Type.TSchema {
  switch (shape.kind) {
    case 'nothing':
      return Type.Undefined();
    case 'flag':
      return Type.Boolean();
    case 'word':
      return Type.Union(shape.of.map((one) => (one === null ? Type.Null() : Type.Literal(one))));
    case 'number': {
      const bounds = { minimum: shape.least, maximum: shape.most };
      return shape.isWhole ? Type.Integer(bounds) : Type.Number(bounds);
    }
    case 'text': {
      const bounds = { minLength: shape.least, maxLength: shape.most };
      return Type.String(shape.isPath ? { ...bounds, pattern: '^[^\\0]*$' } : bounds);
    }
    case 'list':
      return Type.Array(asTypeBox(shape.of), { minItems: shape.least, maxItems: shape.most });
    case 'object': {
      const fields = Object.entries(shape.fields).map(([name, field]) => [name, asTypeBox(field)] as const);
      return Type.Object(Object.fromEntries(fields), { additionalProperties: false });
    }
    case 'optional':
      return Type.Optional(asTypeBox(shape.of));
    case 'either':
      return Type.Union(shape.of.map(asTypeBox));
    case 'such':
      return Type.Refine(asTypeBox(shape.of), shape.holds);
    default:
      return unreachable(shape);
  }
}

/** Values of a shape, and such as come close to it. */
function near(shape: Field): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 30, arbitrary: like(shape) }, { weight: 1, arbitrary: strange });
}

const strange = fc.oneof(
  fc.constantFrom(undefined, null, '', 'time', 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, true, [], {}, 5n),
  fc.constantFrom(JSON.parse('{"__proto__":{}}'), { length: 1 }, [[]], Object.create({ path: '/a' })),
);

function like(shape: Field): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'nothing':
      return fc.constant(undefined);
    case 'flag':
      return fc.boolean();
    case 'word':
      return fc.constantFrom(...shape.of);
    case 'number':
      // Mostly right: an argument with many numbers would else never be.
      return fc.oneof(
        { weight: 1, arbitrary: fc.constantFrom(shape.least - 1, shape.least, shape.most, shape.most + 1) },
        { weight: 8, arbitrary: fc.integer({ min: shape.least, max: shape.most }) },
        { weight: 1, arbitrary: fc.double({ min: shape.least, max: shape.most, noNaN: true }) },
      );
    case 'text': {
      const { least, most } = shape;
      const lengths = fc.constantFrom(Math.max(0, least - 1), least, least + 1, most, most + 1);
      // Of one unit each: the library counts what people take for one letter, we count units.
      return fc.tuple(lengths, fc.constantFrom('a', '/', '\0')).map(([length, last]) => {
        return length === 0 ? '' : 'a'.repeat(length - 1) + last;
      });
    }
    case 'list':
      return fc.oneof(
        { weight: 8, arbitrary: fc.array(near(shape.of), { maxLength: 3 }) },
        {
          weight: 1,
          arbitrary: fc
            .tuple(like(shape.of), fc.constantFrom(shape.most, shape.most + 1))
            .map(([item, length]) => new Array<unknown>(length).fill(item)),
        },
      );
    case 'object':
      return likeObject(shape.fields);
    case 'either':
      return fc.oneof(...shape.of.map(like));
    case 'optional':
    case 'such':
      return like(shape.of);
    default:
      return unreachable(shape);
  }
}

/** Now and then a field is missing, or one too many. */
function likeObject(fields: Readonly<Record<string, Field>>): fc.Arbitrary<unknown> {
  const whole = fc.record(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, near(field)])));
  const part = fc.record(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, like(field)])), {
    requiredKeys: [],
  });
  const more = fc.tuple(whole, fc.constantFrom('also', '__proto__', 'constructor')).map(([value, name]) => {
    return Object.defineProperty({ ...value }, name, { value: 1, enumerable: true });
  });
  return fc.oneof({ weight: 10, arbitrary: whole }, { weight: 3, arbitrary: part }, { weight: 1, arbitrary: more });
}

describe('what a call may hold', () => {
  it.each(Object.entries<AnyShape>(methods))('is judged as a library judges it: %s', (_, shape) => {
    const library = Compile(asTypeBox(shape));
    const judged = { right: 0, wrong: 0 };
    fc.assert(
      fc.property(near(shape), (value) => {
        const complaint = complaintOf(shape, value);
        judged[complaint === null ? 'right' : 'wrong']++;
        expect(complaint === null, complaint ?? 'nothing to complain of').toBe(library.Check(value));
      }),
      { numRuns: 500 },
    );
    // Both kinds must have come, or the comparison says nothing.
    expect(Math.min(judged.right, judged.wrong)).toBeGreaterThan(5);
  });
});
