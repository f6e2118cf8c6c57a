import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyPacksOf } from '../../../engine/snapshot/index.ts';
import { type VerifyOptions, type VerifyResult, verifyVault } from '../../../engine/upkeep/index.ts';
import { noise, writeTree } from '../../support/trees.ts';
import { flipByte, makeVault, objectsIn, type TestVault } from '../../support/vault.ts';

const dayMs = 24 * 3600 * 1000;

async function verify(vault: TestVault, options: Partial<VerifyOptions> = {}): Promise<VerifyResult> {
  const opened = await vault.open();
  return await verifyVault(opened, vault.ports, verifyPacksOf(opened, vault.ports), {
    reach: { kind: 'due' },
    ...options,
  });
}

/** Each run in a pack of its own. */
async function filled(runs: number): Promise<TestVault> {
  const vault = await makeVault();
  for (let run = 1; run <= runs; run++) {
    writeTree(vault.files, { [`${run}.raw`]: noise(100_000, run) });
    await vault.backup();
  }
  return vault;
}

const bytesAt = (vault: TestVault): number =>
  objectsIn(vault.store, 'packs/').reduce((sum, key) => sum + statSync(join(vault.store, key)).size, 0);

/** The pack of 100 kB of noise that came last. */
function newestDataPack(vault: TestVault, before: readonly string[]): string {
  const packs = objectsIn(vault.store, 'packs/').filter((key) => !before.includes(key));
  return packs.find((key) => statSync(join(vault.store, key)).size > 90_000) ?? '';
}

describe('reading in turn', () => {
  test('reads every pack once before any a second time, and says how far it is', async () => {
    const vault = await filled(3);
    const packs = objectsIn(vault.store, 'packs/').length;
    let read = 0;
    for (let day = 1; read < packs; day++) {
      vault.clock.advance(dayMs);
      const result = await verify(vault);
      expect(result.findings).toEqual([]);
      expect(result).toMatchObject({ packs, bytes: bytesAt(vault) });
      expect(result.packsRead).toBeGreaterThan(0);
      read += result.packsRead;
      expect(result.oldestMs === null).toBe(read < packs);
      expect(result.readBytes === result.bytes).toBe(read >= packs);
      expect(day).toBeLessThanOrEqual(packs);
    }
  });

  test('lets a pack that is new wait its turn, behind all that were there', async () => {
    const vault = await filled(2);
    await verify(vault, { reach: { kind: 'share', share: 0.01 } });
    const before = objectsIn(vault.store, 'packs/');
    writeTree(vault.files, { 'new.raw': noise(100_000, 99) });
    await vault.backup();
    flipByte(join(vault.store, newestDataPack(vault, before)), 64 + 5);
    for (let run = 1; run < before.length; run++) {
      expect((await verify(vault, { reach: { kind: 'bytes', bytes: 1 } })).findings).toEqual([]);
    }
    expect((await verify(vault, { reach: { kind: 'all' } })).findings).toMatchObject([{ kind: 'damaged' }]);
  });

  test('counts what a check has read', async () => {
    const vault = await filled(2);
    await vault.check({ readData: 'all' });
    const { oldestMs, readBytes, bytes } = await verify(vault);
    expect(oldestMs).toBe(vault.clock.now());
    expect(readBytes).toBe(bytes);
  });

  test('that is stopped keeps what was read by then', async () => {
    const vault = await filled(4);
    const packs = objectsIn(vault.store, 'packs/').length;
    const stop = new AbortController();
    const opened = await vault.open();
    const read = verifyPacksOf(opened, vault.ports);
    let heard = 0;
    const stopped = verifyVault(
      opened,
      vault.ports,
      (wanted, hear, signal) =>
        read(
          wanted,
          (verdict) => {
            hear(verdict);
            if (++heard === 3) stop.abort(new Error('stopped by the person'));
          },
          signal,
        ),
      { reach: { kind: 'all' }, signal: stop.signal },
    );
    await expect(stopped).rejects.toThrow('stopped by the person');
    expect(heard).toBeLessThan(packs);
    const left = await verify(vault, { reach: { kind: 'bytes', bytes: 1 } });
    expect(left.readBytes).toBeGreaterThan(left.bytesRead);
    expect(left.oldestMs).toBeNull();
  });

  test('begins anew where its memory is lost or of another form, and an empty vault has nothing to read', async () => {
    expect(await verify(await makeVault())).toMatchObject({ packsRead: 0, packs: 0, findings: [], oldestMs: null });
    const vault = await filled(1);
    expect((await verify(vault, { reach: { kind: 'all' } })).oldestMs).not.toBeNull();
    const opened = await vault.open();
    for (const bytes of [new Uint8Array(36), Uint8Array.of(2), new Uint8Array(0)]) {
      opened.local.write('verified', bytes);
      expect((await verify(vault, { reach: { kind: 'bytes', bytes: 1 } })).oldestMs).toBeNull();
    }
  });
});

describe('damage', () => {
  test('is told with the files that it concerns, and the next backup stores again what is still here', async () => {
    const vault = await filled(1);
    const before = objectsIn(vault.store, 'packs/');
    writeTree(vault.files, { 'photo.raw': noise(100_000, 50) });
    await vault.backup();
    const pack = newestDataPack(vault, before);
    flipByte(join(vault.store, pack), 64 + 5);
    const found = await verify(vault, { reach: { kind: 'all' } });
    expect(found.findings).toMatchObject([{ kind: 'damaged', key: pack, fileCount: 1 }]);
    expect(found.findings[0]?.files.map(({ path }) => path)).toEqual([join(vault.files, 'photo.raw')]);
    expect(found.affectedFiles).toBe(1);
    expect(found.readBytes).toBeLessThan(found.bytes);
    await vault.backup();
    // Still told, and as something that harms nobody any more.
    const healed = await verify(vault, { reach: { kind: 'bytes', bytes: 1 } });
    expect(healed.findings).toMatchObject([{ kind: 'unused', key: pack }]);
    expect(healed.affectedFiles).toBe(0);
  });

  test('is told again by each run until it is gone, whatever else is due', async () => {
    const vault = await filled(3);
    const [pack = ''] = objectsIn(vault.store, 'packs/').filter(
      (key) => statSync(join(vault.store, key)).size > 90_000,
    );
    flipByte(join(vault.store, pack), 64 + 5);
    await verify(vault, { reach: { kind: 'all' } });
    for (let run = 0; run < 2; run++) {
      expect((await verify(vault)).findings).toMatchObject([{ kind: 'damaged', key: pack }]);
    }
    flipByte(join(vault.store, pack), 64 + 5);
    expect((await verify(vault)).findings).toEqual([]);
    const last = await verify(vault, { reach: { kind: 'bytes', bytes: 1 } });
    expect(last.packsRead).toBe(1);
  });

  test('of a pack that is missing, cut to nothing or no pack at all is told too', async () => {
    for (const harm of [
      (path: string) => rmSync(path),
      (path: string) => writeFileSync(path, ''),
      (path: string) => writeFileSync(path, noise(5000)),
    ]) {
      const vault = await filled(2);
      const [pack = ''] = objectsIn(vault.store, 'packs/').filter(
        (key) => statSync(join(vault.store, key)).size > 90_000,
      );
      harm(join(vault.store, pack));
      const { findings, affectedFiles } = await verify(vault);
      expect(findings.map(({ key }) => key)).toEqual([pack]);
      expect(affectedFiles).toBeGreaterThan(0);
    }
  });
});
