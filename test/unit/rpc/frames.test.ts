import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFrameReader, encodeFrame } from '../../../engine/hosts/rpc/frames.ts';

it('frames arrive whole and in order, however the bytes are cut', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(
      fc.array(fc.record({ text }), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
      (messages, cuts) => {
        const heard: unknown[] = [];
        const read = createFrameReader((message) => heard.push(message));
        const bytes = Buffer.concat(messages.map(encodeFrame));
        for (let at = 0, nth = 0; at < bytes.length; nth++) {
          const length = cuts[nth % cuts.length] ?? 1;
          expect(read(bytes.subarray(at, at + length))).toBe(true);
          at += length;
        }
        expect(heard).toEqual(messages);
      },
    ),
  );
});

it('names that are no UTF-8 survive', () => {
  const heard: unknown[] = [];
  createFrameReader((message) => heard.push(message))(encodeFrame({ path: '/caf\udce9' }));
  expect(heard).toEqual([{ path: '/caf\udce9' }]);
});
