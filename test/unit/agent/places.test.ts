import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openVault } from '../../../engine/repository/index.ts';
import { type Computer, makeComputer, passphrase, protecting, until } from './computer.ts';

test('a place that is added twice at the same moment is added once, and the second hears that it is known', async () => {
  const computer = makeComputer();
  const { api } = computer.agent();
  const added = await Promise.allSettled([1, 2].map(() => api.addPlace({ url: computer.store, passphrase })));
  expect(added[0]).toMatchObject({ status: 'fulfilled', value: { id: 1 } });
  expect(added[1]).toMatchObject({ status: 'rejected', reason: { code: 'place.known' } });
  expect(await api.listPlaces()).toHaveLength(1);
});

test('whoever is second succeeds where the first could not add the place', async () => {
  const computer = makeComputer();
  await (await protecting(computer)).close();
  const other = makeComputer();
  const { api } = other.agent();
  const added = await Promise.allSettled(
    ['wrong', passphrase].map((text) => api.addPlace({ url: computer.store, passphrase: text })),
  );
  expect(added).toMatchObject([{ reason: { code: 'secret.wrong' } }, { value: { phrase: null } }]);
});

describe('a place that went back', () => {
  async function wentBack(computer: Computer) {
    const agent = await protecting(computer);
    const older = join(computer.folder, 'older');
    const newer = join(computer.folder, 'newer');
    cpSync(computer.store, older, { recursive: true });
    writeFileSync(join(computer.files, 'a'), 'one');
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 1);
    renameSync(computer.store, newer);
    renameSync(older, computer.store);
    writeFileSync(join(computer.files, 'b'), 'two');
    await until(agent, ({ reason, run }) => reason?.code === 'risk.vaultOlder' && run === null);
    return { agent, newer };
  }

  test('is looked at again once it was put right, without a word', async () => {
    const computer = makeComputer();
    const { agent, newer } = await wentBack(computer);
    // Looked at once more, since it may have changed while nobody looked.
    await computer.pass(30_000);
    await until(agent, ({ reason, run }) => reason?.code === 'risk.vaultOlder' && run === null);
    rmSync(computer.store, { recursive: true });
    renameSync(newer, computer.store);
    await computer.pass(30_000);
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 2);
  });

  test('is looked at again once the older state was accepted', async () => {
    const computer = makeComputer();
    const { agent } = await wentBack(computer);
    await computer.pass(30_000);
    const accepting = { store: computer.store, mode: 'read', acceptRollback: true } as const;
    await (
      await openVault(computer.ports, { ...accepting, secret: async () => ({ kind: 'passphrase', passphrase }) })
    ).close();
    await computer.pass(30_000);
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 2);
  });

  test('is not looked at again and again while it stays as it is', async () => {
    const computer = makeComputer();
    const { agent } = await wentBack(computer);
    await computer.pass(60_000);
    const failed = async () =>
      (await agent.api.activity({ most: 100, problemsOnly: true })).filter(({ kind }) => kind === 'runFailed').length;
    const before = await failed();
    await computer.pass(120_000);
    expect(await failed()).toBe(before);
  });

  test('is looked at when the person asks', async () => {
    const computer = makeComputer();
    const { agent, newer } = await wentBack(computer);
    expect(await agent.api.backUpNow({ anyway: false })).toMatchObject({ run: expect.any(Number) });
    await until(agent, ({ reason, run }) => reason?.code === 'risk.vaultOlder' && run === null);
    rmSync(computer.store, { recursive: true });
    renameSync(newer, computer.store);
    await agent.api.backUpNow({ anyway: false });
    await until(agent, ({ standing, coverage }) => standing === 'safe' && coverage.files === 2);
  });
});
