import { expect, test } from 'vitest';
import { createAnswering, type WholeQuestion } from '../../../engine/filesystem/index.ts';
import { heldClock } from '../../support/held-clock.ts';

/** A drive that says at once that it is there; what it is to do it does when the test says so. */
function drive() {
  const clock = heldClock();
  const asked: WholeQuestion[] = [];
  const done = Promise.withResolvers<void>();
  const fileSystem = {
    answers: async () => {},
    answersWholly: (question: WholeQuestion) => {
      asked.push(question);
      return done.promise;
    },
  };
  return { clock, asked, done, answering: createAnswering({ fileSystem, clock }) };
}

const question = { path: '/drive/vault/tmp', by: 'write' } as const;

test('what only says that it is there answers', async () => {
  const { answering, asked } = drive();
  expect(await answering.ask('/drive/vault')).toBe(true);
  expect(asked).toEqual([]);
});

test('what is suspected has to do something, once, and hangs until it has', async () => {
  const { clock, answering, asked, done } = drive();
  answering.suspect('/drive/vault', question);
  const first = answering.ask('/drive/vault');
  await clock.advance(5_000);
  expect(await first).toBe(false);
  expect(answering.hangsSince('/drive/vault')).not.toBeNull();
  expect(await answering.ask('/drive/vault')).toBe(false);
  done.resolve();
  await clock.advance(0);
  expect(answering.hangsSince('/drive/vault')).toBeNull();
  await clock.advance(5_000);
  expect(await answering.ask('/drive/vault')).toBe(true);
  expect(asked).toEqual([question]);
});
