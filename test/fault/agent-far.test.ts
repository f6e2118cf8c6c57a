import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../engine/base/index.ts';
import { openJournal } from '../../engine/journal/index.ts';
import type { FarAgentLine } from '../support/far-agent-child.ts';
import { fastNoise } from '../support/fast-noise.ts';
import { makeVault, objectsIn, type TestVault } from '../support/vault.ts';
import { rules } from '../unit/agent/computer.ts';

const child = join(import.meta.dirname, '../support/far-agent-child.ts');

/** The process of an agent until something holds; then it is killed. */
async function liveUntil(
  vault: TestVault,
  bytesPerSecond: number,
  holds: (line: FarAgentLine) => boolean,
): Promise<FarAgentLine> {
  const words = [child, vault.ports.home, vault.recoveryPhrase, `${bytesPerSecond}`];
  const alive = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void alive.kill('SIGKILL'));
  const ended = once(alive, 'exit');
  for await (const text of createInterface(alive.stdout)) {
    const line: FarAgentLine = JSON.parse(text);
    if (!holds(line)) continue;
    alive.kill('SIGKILL');
    await ended;
    return line;
  }
  throw new Error('the agent ended by itself');
}

const sizeOf = (store: string): number =>
  objectsIn(store).reduce((sum, key) => sum + statSync(join(store, key)).size, 0);

function spoolOf({ ports }: TestVault): string[] {
  const vaults = join(ports.home, 'vaults');
  const files = readdirSync(vaults, { recursive: true, encoding: 'utf8' });
  return files.flatMap((name) => /spool-[0-9a-f]+\/(packs_.*)$/.exec(name)?.[1] ?? []);
}

test('an agent that is killed while it sends goes on with what it had sealed, and sends nothing twice', async () => {
  const vault = await makeVault();
  mkdirSync(vault.files);
  for (let file = 0; file < 40; file++) writeFileSync(join(vault.files, `${file}`), fastNoise(1_000_000, `${file}`));
  mkdirSync(vault.ports.home, { recursive: true });
  const journal = openJournal(vault.ports.home, { fileSystem: vault.ports.fileSystem, log: silentLog });
  const { id } = await vault.open();
  journal.places.add(vault.store, id);
  journal.sources.add(vault.files, rules);
  journal.close();

  const emptyBytes = sizeOf(vault.store);
  await liveUntil(vault, 1e6, ({ waitingBytes, sentBytes }) => waitingBytes > 0 && sentBytes > 5e6);
  const sealed = spoolOf(vault);
  const atKill = sizeOf(vault.store);
  expect(sealed.length).toBeGreaterThan(0);
  expect(atKill).toBeGreaterThan(emptyBytes);
  expect((await vault.open()).snapshots).toHaveLength(0);

  const end = await liveUntil(vault, 20e6, ({ standing }) => standing === 'safe');
  expect(end.waitingBytes).toBe(0);
  expect(spoolOf(vault)).toEqual([]);
  const packs = objectsIn(vault.store, 'packs/');
  for (const name of sealed) expect(packs).toContain(name.replaceAll('_', '/'));
  // What had arrived is not sent again, whatever the one that was killed knew of it.
  expect(end.sentBytes).toBe(sizeOf(vault.store) - atKill);
  const { findings } = await vault.check({ readData: 'all' });
  expect(findings).toEqual([]);
  const [snapshot] = (await vault.open()).snapshots;
  expect(snapshot?.snapshot.counts).toMatchObject({ files: 40, failed: 0 });
}, 120_000);
