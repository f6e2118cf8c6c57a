import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../engine/base/index.ts';
import { applyPatch, type StatePatch } from '../../../engine/contract/index.ts';
import { seededRandom } from '../../../engine/filesystem/simulated/index.ts';
import { encodeFrame } from '../../../engine/hosts/rpc/frames.ts';
import { activityOf, sampleState } from '../../support/fake-agent.ts';
import { connectRaw, connectTo, hello, serveFake } from './support.ts';

const frameOf = (body: string | Buffer): Buffer => {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes]);
};
const call = (id: number, method: unknown = 'state', argument?: unknown) => ({ kind: 'call', id, method, argument });

/** For machines with much else to do. */
const patient = { timeout: 20_000 };

describe('an agent on a socket', () => {
  const garbage: [string, Buffer][] = [
    ['text of another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a frame larger than any', Buffer.from([0x00, 0x40, 0x00, 0x01])],
    ['an empty frame', frameOf('')],
    ['half of JSON', frameOf('{"kind":"hel')],
    ['what is no UTF-8', frameOf(Buffer.from([0x22, 0xff, 0x22]))],
    ['null', frameOf('null')],
    ['a number', frameOf('17')],
    ['a call before a greeting', encodeFrame(call(1))],
    ['a greeting without a protocol', encodeFrame({ kind: 'hello', version: '1' })],
    ['a second greeting', Buffer.concat([encodeFrame(hello), encodeFrame(hello)])],
    ['a call without an id', Buffer.concat([encodeFrame(hello), encodeFrame({ kind: 'call', method: 'state' })])],
    ['a call whose id is no count', Buffer.concat([encodeFrame(hello), encodeFrame(call(-0.5))])],
    [
      'an event that is none',
      Buffer.concat([encodeFrame(hello), encodeFrame({ kind: 'listen', id: 1, event: 'toString' })]),
    ],
    ['an unknown kind', Buffer.concat([encodeFrame(hello), encodeFrame({ kind: 'format', id: 1 })])],
    [
      'listeners without end',
      Buffer.concat([
        encodeFrame(hello),
        ...Array.from({ length: limits.listeners + 1 }, (_, id) => encodeFrame({ kind: 'listen', id, event: 'state' })),
      ]),
    ],
  ];
  it.each(garbage)('cuts off who sends %s, and goes on for others', async (_, bytes) => {
    const { path, agent } = await serveFake();
    const face = await connectTo(path);
    const raw = await connectRaw(path);
    raw.socket.write(bytes);
    await raw.closed;
    expect(await face.api.state()).toEqual(sampleState);
    expect(agent.listeners()).toBe(0);
  });

  it.each([
    ['a method of every object', 'constructor', undefined],
    ['the prototype', '__proto__', undefined],
    ['an argument of the wrong kind', 'why', { path: { length: 3 } }],
  ])('answers that a call is bad for %s', async (_, method, argument) => {
    const { path } = await serveFake();
    const raw = await connectRaw(path);
    raw.say(hello, call(7, method, argument));
    await expect.poll(() => raw.heard.at(-1), patient).toMatchObject({ id: 7, error: { code: 'agent.badCall' } });
  });

  it('is not exhausted by brackets without end', async () => {
    const { path } = await serveFake();
    const raw = await connectRaw(path);
    const depth = 1_000_000;
    raw.say(hello);
    raw.socket.write(
      frameOf(`{"kind":"call","id":7,"method":"why","argument":${'['.repeat(depth)}${']'.repeat(depth)}}`),
    );
    await expect.poll(() => raw.heard.at(-1), patient).toMatchObject({ id: 7, error: { code: 'agent.badCall' } });
  });

  it('goes on when faces vanish in the middle of a frame', async () => {
    const { path } = await serveFake();
    for (const length of [1, 3, 4, 5, 30]) {
      const raw = await connectRaw(path);
      raw.socket.end(encodeFrame(hello).subarray(0, length));
      await raw.closed;
    }
    expect(await (await connectTo(path)).api.state()).toEqual(sampleState);
  });

  it('understands frames that arrive byte by byte', async () => {
    const { path } = await serveFake();
    const raw = await connectRaw(path);
    raw.socket.setNoDelay(true);
    for (const byte of Buffer.concat([encodeFrame(hello), encodeFrame(call(1))])) {
      raw.socket.write(Buffer.of(byte));
      await turn();
    }
    await expect.poll(() => raw.heard.length, patient).toBe(2);
    expect(raw.heard[1]).toMatchObject({ id: 1, result: sampleState });
  });

  it('goes on whatever bytes arrive', async () => {
    const { path } = await serveFake();
    const face = await connectTo(path);
    const seed = Number(process.env['COFFER_TEST_SEED'] ?? 20_261_121);
    const random = seededRandom(seed);
    const below = (count: number): number => new DataView(random.bytes(4).buffer).getUint32(0) % count;
    for (let round = 0; round < 200; round++) {
      const raw = await connectRaw(path);
      const bytes = Buffer.concat([
        encodeFrame(hello),
        encodeFrame(call(1, 'why', { path: '/a' })),
        encodeFrame(call(2)),
      ]);
      for (let flips = below(6); flips >= 0; flips--) bytes[below(bytes.length)] = below(256);
      raw.socket.end(round % 4 === 0 ? random.bytes(1 + below(5000)) : bytes);
      await raw.closed;
    }
    expect(await face.api.state(), `COFFER_TEST_SEED=${seed}`).toEqual(sampleState);
  });

  it('refuses calls beyond a bound, and answers all others', async () => {
    const { path } = await serveFake();
    const raw = await connectRaw(path);
    const count = 5000;
    raw.say(hello, ...Array.from({ length: count }, (_, id) => call(id, 'waitUntilSafe', { timeoutMs: 1234 })));
    await expect.poll(() => raw.heard.length, patient).toBe(1 + count - limits.callsAtOnce);
    expect(raw.heard.at(-1)).toMatchObject({ error: { code: 'agent.busy' } });
    expect(await (await connectTo(path)).api.state()).toEqual(sampleState);
  });

  it('stops reading from who asks and never reads', async () => {
    const { path } = await serveFake();
    const raw = await connectRaw(path);
    raw.socket.pause();
    raw.say(hello);
    // Each answer is a hundred times as long as the question.
    let isHeld = false;
    for (let id = 1; id < 2000 && !isHeld; id++) {
      raw.say(call(id, 'activity', { most: 10_000, problemsOnly: false }));
      await turn();
      isHeld = raw.socket.writableLength > 10_000;
    }
    expect(isHeld).toBe(true);
    expect(await (await connectTo(path)).api.state()).toEqual(sampleState);
  });

  it('says that an answer is too large to be sent', async () => {
    const { path, agent } = await serveFake();
    const face = await connectTo(path);
    agent.api.failures = async () => [{ path: 'a'.repeat(limits.messageBytes), code: 'EIO', sinceMs: 0, place: 1 }];
    await expect(face.api.failures()).rejects.toMatchObject({ code: 'agent.tooLarge' });
    await expect(face.api.unlock({ url: '/', passphrase: 'x'.repeat(limits.messageBytes) })).rejects.toMatchObject({
      code: 'agent.tooLarge',
    });
    expect(await face.api.state()).toEqual(sampleState);
  });
});

describe('a face that reads slowly', () => {
  it('is shown the newest state in the end, and does not make the agent remember all between', async () => {
    const { path, agent } = await serveFake();
    const raw = await connectRaw(path);
    raw.say(hello, { kind: 'listen', id: 1, event: 'state' }, { kind: 'listen', id: 2, event: 'activity' });
    await expect.poll(() => raw.heard.length, patient).toBe(2);
    raw.socket.pause();
    const padding = 'x'.repeat(1000);
    const count = 5000;
    for (let nth = 1; nth <= count; nth++) {
      const exposure = { files: nth, bytes: 0, seconds: 0 };
      agent.emit('state', nth % 2 ? { exposure } : { exposure, version: padding });
      agent.emit('activity', activityOf(nth, padding));
      if (nth % 100 === 0) await turn();
    }
    agent.emit('state', { standing: 'safe' });
    raw.socket.resume();
    const events = (id: number) =>
      raw.heard.filter((said) => (said as { id?: number }).id === id) as { value: unknown }[];
    await expect.poll(() => events(2).at(-1)?.value, patient).toEqual(activityOf(count, padding));
    const patches = events(1).map(({ value }) => value as StatePatch);
    const shown = patches.reduce(applyPatch, sampleState);
    expect(shown).toEqual({
      ...sampleState,
      standing: 'safe',
      version: padding,
      exposure: { files: count, bytes: 0, seconds: 0 },
    });
    expect(patches.length).toBeLessThan(count / 2);
    expect(events(2).length).toBeLessThan(count / 2);
  });
});
