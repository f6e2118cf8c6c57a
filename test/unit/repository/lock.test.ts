import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeTree } from '../../support/trees.ts';
import { makeVault, type TestVault } from '../../support/vault.ts';

/** Another process that opens the vault for writing and then waits. */
async function holdElsewhere(vault: TestVault, holder: string): Promise<{ kill(): Promise<void> }> {
  const engine = new URL('../../../engine/repository/index.ts', import.meta.url).href;
  const filesystem = new URL('../../../engine/filesystem/index.ts', import.meta.url).href;
  const base = new URL('../../../engine/base/index.ts', import.meta.url).href;
  const secret = { kind: 'phrase', phrase: vault.recoveryPhrase };
  const script = `
    const { openVault } = await import(${JSON.stringify(engine)});
    const { createRealFileSystem } = await import(${JSON.stringify(filesystem)});
    const { systemClock, systemRandom, silentLog } = await import(${JSON.stringify(base)});
    const ports = { home: ${JSON.stringify(vault.ports.home)}, fileSystem: createRealFileSystem(), clock: systemClock,
      random: systemRandom, log: silentLog, threads: false };
    await openVault(ports, { store: ${JSON.stringify(vault.store)}, mode: 'write', holder: ${JSON.stringify(holder)},
      secret: async () => (${JSON.stringify(secret)}) });
    process.stdout.write('open');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error('the other process ended')));
  });
  return {
    kill: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

describe('one writer at a time', () => {
  test('a second one hears who holds the vault; readers go on', async () => {
    const vault = await makeVault();
    await vault.open({ mode: 'write', holder: 'coffer backup, process 4711' });
    await expect(vault.open({ mode: 'write' })).rejects.toMatchObject({
      code: 'vault.busy',
      context: { holder: 'coffer backup, process 4711' },
    });
    expect((await vault.open({ mode: 'read' })).snapshots).toEqual([]);
  });

  test('a second one may wait until the first is done', async () => {
    const vault = await makeVault();
    const first = await vault.open({ mode: 'write' });
    let slept = 0;
    const clock = {
      ...vault.ports.clock,
      sleep: async () => {
        if (++slept === 3) await first.close();
      },
    };
    const waiting = vault.from('home');
    const { openVault } = await import('../../../engine/repository/index.ts');
    const second = await openVault(
      { ...waiting.ports, clock },
      {
        store: vault.store,
        mode: 'write',
        waitForLock: true,
        secret: async () => ({ kind: 'phrase', phrase: vault.recoveryPhrase }),
      },
    );
    expect(slept).toBe(3);
    await second.close();
  });

  test('another computer writes at the same time', async () => {
    const vault = await makeVault();
    await vault.open({ mode: 'write' });
    writeTree(vault.files, { 'a.txt': 'a' });
    expect((await vault.from('elsewhere').backup()).files).toBe(1);
  });

  test('a run that fails lets go', async () => {
    const vault = await makeVault();
    await expect(vault.backup({ paths: [join(vault.folder, 'nothing here')] })).rejects.toMatchObject({
      code: 'path.notFound',
    });
    await vault.open({ mode: 'write' });
  });

  test('a holder that was killed never blocks', async () => {
    const vault = await makeVault();
    const holder = await holdElsewhere(vault, 'coffer check, process 12');
    await expect(vault.open({ mode: 'write' })).rejects.toMatchObject({
      context: { holder: 'coffer check, process 12' },
    });
    await vault.open({ mode: 'read' });
    await holder.kill();
    await vault.open({ mode: 'write' });
  });
});

describe('two computers', () => {
  test('see each other’s snapshots and share what they store', async () => {
    const vault = await makeVault();
    const other = vault.from('elsewhere');
    writeTree(vault.files, { 'shared.bin': Buffer.alloc(200_000, 'the same everywhere') });
    await vault.backup();
    const second = await other.backup({ host: 'laptop' });
    expect(second.newBytes).toBe(0);
    writeTree(vault.files, { 'more.txt': 'more' });
    await vault.backup();
    for (const one of [vault, other]) {
      const opened = await one.open();
      expect(opened.snapshots.map(({ snapshot }) => snapshot.host)).toEqual(['test host', 'laptop', 'test host']);
      expect(opened.logs.size).toBe(2);
      expect(opened.notices).toEqual([]);
    }
    expect((await other.check({ readData: 'all' })).findings).toEqual([]);
  });

  test('may store the same thing at the same time', async () => {
    const vault = await makeVault();
    const other = vault.from('elsewhere');
    writeTree(vault.files, { 'shared.bin': Buffer.alloc(300_000, 'at once') });
    await Promise.all([vault.backup(), other.backup()]);
    expect((await vault.open()).snapshots).toHaveLength(2);
    expect((await vault.check({ readData: 'all' })).findings).toEqual([]);
  });
});
