import { expect, test } from 'vitest';
import { createGrowingPool, createInlinePool, type Pool } from '../../../engine/pool/index.ts';

type Jobs = { readonly work: { readonly in: number; readonly out: string } };

/** Workers that say who they are and what they heard before. */
function workers(name: string, size: number): Pool<Jobs> {
  return createInlinePool<Jobs, null>(
    (_data, worker) => {
      const heard: unknown[] = [];
      return {
        jobs: { work: (input: number) => `${name}${worker} ${input} [${heard}]` },
        hear: (message) => void heard.push(message),
        end: () => void ended.push(`${name}${worker}`),
      };
    },
    { size, data: null, onEvent: () => {} },
  );
}
const ended: string[] = [];

function growing(isLight: (input: unknown) => boolean) {
  const started: Pool<Jobs>[] = [];
  const pool = createGrowingPool<Jobs>({
    here: workers('here', 1),
    startThreads() {
      started.push(workers('thread', 2));
      return started.at(-1) as Pool<Jobs>;
    },
    isLight: (_name, input) => isLight(input),
  });
  return { pool, started };
}

test('light jobs are done here, and no thread is started', async () => {
  const { pool, started } = growing(() => true);
  pool.broadcast('keys');
  expect(await pool.run('work', 1)).toBe('here0 1 [keys]');
  expect([pool.size, started.length]).toEqual([1, 0]);
  ended.length = 0;
  await pool.end();
  expect(ended).toEqual(['here0']);
});

test('with the first heavy job threads are started that know all that was said before, and do all that follows', async () => {
  const { pool, started } = growing((input) => input !== 2);
  pool.broadcast('keys');
  await pool.run('work', 1);
  expect(await pool.run('work', 2)).toBe('thread0 2 [keys]');
  pool.broadcast('more');
  expect(await pool.run('work', 3)).toBe('thread1 3 [keys,more]');
  expect([pool.size, started.length]).toEqual([3, 1]);
  const each = [0, 1, 2].map((worker) => pool.run('work', 4, { worker }));
  expect(await Promise.all(each)).toEqual(['here0 4 [keys,more]', 'thread0 4 [keys,more]', 'thread1 4 [keys,more]']);
  expect(pool.waiting).toBe(0);
  ended.length = 0;
  await pool.end();
  expect(ended.sort()).toEqual(['here0', 'thread0', 'thread1']);
});

test('starts no thread for who comes when it has ended', async () => {
  const { pool, started } = growing(() => false);
  await pool.end();
  await expect(pool.run('work', 1)).rejects.toThrow('ended');
  expect(started.length).toBe(0);
});
