import { describe, expect, test } from 'vitest';
import { type Clock, CofferError } from '../../../engine/base/index.ts';
import { createMemoryRecords } from '../../../engine/storage/index.ts';
import { faultPlans, withFaults } from '../../../engine/storage/with/index.ts';
import { expectCode, expectSame, keysOf } from '../../contract/store.ts';
import { inVirtualTime } from '../../support/virtual-clock.ts';
import { MiB, makeScene } from './scene.ts';

describe('what is adopted', () => {
  test('counts as soon as it is spooled, and is at the place when flush returns', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock });
      const store = await scene.open();
      const pack = scene.seal(2 * MiB);
      const startMs = clock.monotonic();
      await store.adopt(pack.key, pack.path);
      expect(clock.monotonic() - startMs).toBeLessThan(1);
      expect(store.uploads.figures).toEqual({ objects: 1, bytes: 2 * MiB, confirmedBytes: 0 });
      expect(scene.records.list()).toMatchObject([{ key: pack.key, bytes: 2 * MiB, isParked: false }]);
      expectSame(await store.get(pack.key), pack.content);
      expectSame(await store.get(pack.key, { offset: 10, length: 20 }), pack.content.slice(10, 30));
      expect(await store.stat(pack.key)).toEqual({ key: pack.key, size: 2 * MiB });
      expect(await keysOf(scene.inner)).toEqual([]);

      await store.flush();
      expectSame(await scene.inner.get(pack.key), pack.content);
      expect(store.uploads.figures).toEqual({ objects: 0, bytes: 0, confirmedBytes: 2 * MiB });
      expect(scene.spooled()).toEqual([]);
      expect(scene.records.list()).toEqual([]);
    });
  });

  test('is listed once and in order while it is on its way', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock });
      const store = await scene.open();
      const packs = Array.from({ length: 12 }, () => scene.seal(MiB));
      for (const [number, { key, path, content }] of packs.entries()) {
        if (number % 3 === 0) await scene.inner.put(key, content);
        else await store.adopt(key, path);
      }
      const expected = packs
        .map(({ key }) => ({ key, size: MiB }))
        .sort((one, other) => (one.key < other.key ? -1 : 1));
      while (store.uploads.figures.objects > 0) {
        expect(await Array.fromAsync(store.list(''))).toEqual(expected);
        expect(await keysOf(store, 'packs/')).toEqual(expected.map(({ key }) => key));
        await clock.sleep(300);
      }
      expect(await keysOf(scene.inner)).toEqual(expected.map(({ key }) => key));
    });
  });

  test('small objects do not wait for big ones', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock });
      const store = await scene.open();
      for (let number = 0; number < 4; number++) {
        const { key, path } = scene.seal(40 * MiB);
        await store.adopt(key, path);
      }
      await clock.sleep(5_000);
      const small = scene.seal(1000);
      await store.adopt(small.key, small.path);
      await clock.sleep(1_000);
      expect(await keysOf(scene.inner)).toEqual([small.key]);
    });
  });

  test('is sent by several at once where that is quicker', async () => {
    const { tookMs } = await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock });
      const store = await scene.open();
      for (let number = 0; number < 200; number++) {
        const { key, path } = scene.seal(MiB);
        await store.adopt(key, path);
      }
      await store.flush();
      expect(scene.far.network.mostUnderWay).toBeLessThanOrEqual(8);
    });
    // 200 seconds one after another.
    expect(tookMs).toBeLessThan(200_000 / 3);
  });

  test('waits until there is room for more', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock });
      const store = await scene.open();
      const [first, second] = [scene.seal(MiB), scene.seal(MiB)];
      scene.disk.setCapacity(100 * MiB);
      let isBack = false;
      const adopting = store.adopt(first.key, first.path).then(() => {
        isBack = true;
      });
      await clock.sleep(500);
      expect(isBack).toBe(false);
      expect(store.uploads.figures.objects).toBe(1);
      await adopting;
      expect(store.uploads.figures.objects).toBe(0);
      scene.disk.setCapacity(Number.POSITIVE_INFINITY);
      await store.adopt(second.key, second.path);
      expect(store.uploads.figures.objects).toBe(1);
    });
  });

  test('keeps to the rate', async () => {
    let limit: number | null = 100_000;
    const { tookMs } = await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock, limit: () => limit });
      const store = await scene.open();
      for (let number = 0; number < 10; number++) {
        const { key, path } = scene.seal(500_000);
        await store.adopt(key, path);
      }
      await clock.sleep(20_000);
      limit = null;
      await store.flush();
    });
    expect(tookMs).toBeGreaterThan(20_000);
    expect(tookMs).toBeLessThan(28_000);
  });
});

describe('a line that is bad', () => {
  test('what arrived without an answer, or twice, is not sent again', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock, seed: 3, faults: { lostAnswer: 0.15, duplicated: 0.3 } });
      const store = await scene.open();
      for (let number = 0; number < 60; number++) {
        const { key, path } = scene.seal(100_000);
        await store.adopt(key, path);
      }
      await store.flush();
      expect(await keysOf(scene.inner)).toHaveLength(60);
      expect(scene.far.network.sentBytes).toBe(60 * 100_000);
    });
  });

  test('is waited for while it is down for a minute', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock });
      const store = await scene.open();
      const packs = Array.from({ length: 20 }, () => scene.seal(MiB));
      for (const { key, path } of packs) await store.adopt(key, path);
      await clock.sleep(2_000);
      scene.far.network.isDown = true;
      await clock.sleep(60_000);
      scene.far.network.isDown = false;
      await store.flush();
      expect(await keysOf(scene.inner)).toHaveLength(20);
    });
  });

  test('is given up on when it stays away, and all of it goes on with the next run', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock });
      const store = await scene.open();
      const packs = Array.from({ length: 20 }, () => scene.seal(MiB));
      for (const { key, path } of packs) await store.adopt(key, path);
      await clock.sleep(2_000);
      scene.far.network.isDown = true;
      const error = await expectCode(store.flush(), 'store.failed');
      expect(error.context.detail).toBe('the network is down');
      const late = scene.seal(MiB);
      await expectCode(store.adopt(late.key, late.path), 'store.failed');
      await store.close();
      const arrived = (await keysOf(scene.inner)).length;
      const sentBefore = scene.far.network.sentBytes;
      expect(arrived).toBeGreaterThan(0);

      scene.far.network.isDown = false;
      const next = await scene.open();
      expect(await keysOf(next)).toHaveLength(21);
      await next.flush();
      expect(await keysOf(scene.inner)).toHaveLength(21);
      expect(scene.far.network.sentBytes - sentBefore).toBeLessThanOrEqual((21 - arrived) * MiB);
    });
  });

  test('calls that are never answered are given up in time, and what they do later changes nothing', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock, seed: 2, faults: { silent: 0.02, deaf: 0.02 } });
      const store = await scene.open();
      for (let number = 0; number < 50; number++) {
        const { key, path } = scene.seal(100_000);
        await store.adopt(key, path);
      }
      const startMs = clock.monotonic();
      await store.flush();
      expect(clock.monotonic() - startMs).toBeLessThan(300_000);
      await clock.sleep(1_000_000);
      expect(await keysOf(scene.inner)).toHaveLength(50);
      expect(scene.spooled()).toEqual([]);
    });
  });
});

describe('what cannot be sent', () => {
  test('is parked after six tries while others arrive; the next run tries again', async () => {
    await inVirtualTime(async (clock) => {
      let refused = '';
      let isOver = false;
      const place = (inner: Parameters<typeof withFaults>[0]) =>
        withFaults(inner, {
          plan: (call) => (call.operation === 'put' && call.key === refused && !isOver ? { kind: 'fail' } : null),
        });
      const scene = makeScene({ clock, place, bytesPerSecond: 100_000 });
      const store = await scene.open();
      const packs = Array.from({ length: 300 }, () => scene.seal(200_000));
      refused = packs.at(-3)?.key ?? '';
      for (const { key, path } of packs) await store.adopt(key, path);
      const error = await expectCode(store.flush(), 'upload.parked');
      expect(error.context.attempts).toBe(6);
      await expectCode(store.flush(), 'upload.parked');
      await store.close();
      expect(scene.records.list().filter(({ isParked }) => isParked)).toMatchObject([
        { key: refused, attempts: 6, error: 'store.failed' },
      ]);
      isOver = true;
      const next = await scene.open();
      expect(scene.records.list().some(({ isParked }) => isParked)).toBe(false);
      await next.flush();
      expect(await keysOf(scene.inner)).toHaveLength(300);
    });
  });

  test.each(['store.full', 'store.denied', 'store.missing'] as const)(
    '%s is said at once, to all who wait',
    async (code) => {
      await inVirtualTime(async (clock) => {
        const place = (inner: Parameters<typeof withFaults>[0]) =>
          withFaults(inner, { plan: faultPlans.everyCall({ kind: 'fail', code }, 'put') });
        const scene = makeScene({ clock, place });
        const store = await scene.open();
        const packs = Array.from({ length: 20 }, () => scene.seal(1000));
        for (const { key, path } of packs.slice(0, 10)) await store.adopt(key, path);
        await Promise.all([expectCode(store.flush(), code), expectCode(store.settle(), code)]);
        await expectCode(store.adopt(packs[15]?.key ?? '', packs[15]?.path ?? ''), code);
        expect(scene.far.network.sent.size).toBeLessThanOrEqual(2);
      });
    },
  );

  describe('a file that is damaged in the spool', () => {
    /** Left by a run before; two of six are damaged, one by the disk under it. */
    async function leaveDamaged(clock: Clock) {
      const scene = makeScene({ clock });
      const store = await scene.open();
      const packs = Array.from({ length: 6 }, () => scene.seal(MiB));
      scene.far.network.isDown = true;
      for (const { key, path } of packs) await store.adopt(key, path);
      await store.close();
      scene.far.network.isDown = false;
      const keys = packs.map(({ key }) => key).toSorted();
      const [first = '', , , fourth = ''] = keys;
      const fileOf = (key: string): string => `/home/spool/${key.replaceAll('/', '_')}`;
      const fd = scene.disk.open(fileOf(first), 'write');
      scene.disk.write(fd, Uint8Array.of(1, 2, 3), 500);
      scene.disk.close(fd);
      scene.disk.failAt(1, 'EIO', { calls: ['read'], path: (path) => path === fileOf(fourth), times: 1 });
      return { scene, whole: keys.filter((key) => key !== first && key !== fourth), damaged: [first, fourth] };
    }

    test('is put aside and named, while all others are sent before anybody hears of it', async () => {
      await inVirtualTime(async (clock) => {
        const { scene, whole, damaged } = await leaveDamaged(clock);
        const store = await scene.open();
        const error = await expectCode(store.flush(), 'upload.damaged');
        expect(damaged).toContain(error.context.key);
        expect(await keysOf(scene.inner)).toEqual(whole);
        expect(store.uploads).toMatchObject({ isDamaged: true, figures: { objects: 0, bytes: 0 } });
        expect(scene.records.list()).toEqual([]);
        const aside = damaged.map((key) => `damaged-${key.replaceAll('/', '_')}`);
        expect(scene.spooled().sort()).toEqual(aside.sort());
      });
    });

    test('is not counted on: nothing may refer to it in this run, and the next does not find it', async () => {
      await inVirtualTime(async (clock) => {
        const { scene, whole } = await leaveDamaged(clock);
        const store = await scene.open();
        await expectCode(store.flush(), 'upload.damaged');
        const late = scene.seal(MiB);
        await store.adopt(late.key, late.path);
        await expectCode(store.settle(), 'upload.damaged');
        await store.close();
        const next = await scene.open();
        const there = [...whole, late.key].sort();
        expect(await keysOf(next)).toEqual(there);
        await next.flush();
        expect(await keysOf(scene.inner)).toEqual(there);
        expect(next.uploads.isDamaged).toBe(false);
      });
    });

    test('goes once it is stale', async () => {
      await inVirtualTime(async (clock) => {
        const { scene } = await leaveDamaged(clock);
        const store = await scene.open();
        await expectCode(store.flush(), 'upload.damaged');
        expect(await store.prepareSpool('me', 0)).toBe(2);
        expect(scene.spooled()).toEqual([]);
      });
    });
  });

  test('nor is it counted on when the place has something else under its name', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock });
      const store = await scene.open();
      const [pack, other] = [scene.seal(MiB), scene.seal(MiB)];
      await scene.inner.put(pack.key, pack.content.slice(0, 1000));
      for (const { key, path } of [pack, other]) await store.adopt(key, path);
      const error = await expectCode(store.flush(), 'upload.damaged');
      expect(error.context.key).toBe(pack.key);
      expectSame(await scene.inner.get(other.key), other.content);
      expect(scene.spooled()).toEqual([`damaged-${pack.key.replaceAll('/', '_')}`]);
    });
  });
});

describe('a run that ends', () => {
  test('abandons what is under way at once, and the next one sends no more than that again', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock, latencyMs: 5_000 });
      const store = await scene.open();
      const packs = Array.from({ length: 40 }, () => scene.seal(4 * MiB));
      for (const { key, path } of packs) await store.adopt(key, path);
      const flushing = store.flush();
      await clock.sleep(61_000);
      const { underWay } = scene.far.network;
      expect(underWay).toBeGreaterThan(0);
      const stoppedMs = clock.monotonic();
      const reason = new CofferError('cancelled');
      store.uploads.stop(reason);
      await expect(flushing).rejects.toBe(reason);
      expect(clock.monotonic() - stoppedMs).toBeLessThan(1);
      expect(scene.far.network.underWay).toBe(0);

      const next = await scene.open(createMemoryRecords());
      await next.flush();
      expect(await keysOf(scene.inner)).toHaveLength(40);
      expect(scene.far.network.sentBytes).toBeLessThanOrEqual((40 + underWay) * 4 * MiB);
    });
  });

  test('leaves what it had sealed, and not what it was still writing', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock });
      const first = await scene.open();
      const [sealed, open] = [scene.seal(MiB), scene.seal(MiB)];
      scene.far.network.isDown = true;
      await first.adopt(sealed.key, sealed.path);
      scene.disk.powerLoss();
      first.uploads.stop(new CofferError('cancelled'));
      scene.far.network.isDown = false;
      await scene.open();
      expect(scene.spooled()).toEqual([sealed.key.replaceAll('/', '_')]);
      expect(scene.disk.lstatIfThere(open.path)).toBeNull();
    });
  });

  test('who waits hears the reason of his own signal', async () => {
    await inVirtualTime(async (clock) => {
      const scene = makeScene({ clock });
      const store = await scene.open();
      const pack = scene.seal(MiB);
      await store.adopt(pack.key, pack.path);
      const stopping = new AbortController();
      const flushing = store.flush(stopping.signal);
      stopping.abort(new Error('enough'));
      await expect(flushing).rejects.toThrow('enough');
      await store.flush();
      expect(await keysOf(scene.inner)).toEqual([pack.key]);
    });
  });
});
