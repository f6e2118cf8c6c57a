import { equalBytes, type PackId, packId, type SnapshotId, toHex } from '../../../engine/base/index.ts';
import { hashBytes, keyOfHead, parseKey } from '../../../engine/format/index.ts';
import { allRecords, checkVault, type Logs, loadIndex } from '../../../engine/repository/index.ts';
import { bytesOf, type Promises, withVault } from './person.ts';
import { type Device, dayMs, type World } from './world.ts';

const graceMs = 30 * dayMs;

/** What was broken, in words. */
export async function verdictOf(world: World, witness: Device, promises: Promises): Promise<string[]> {
  const faults: string[] = [];
  await withVault(world, witness.ports, 'read', async (vault) => {
    const index = await loadIndex(vault, { without: new Set() });
    const restores = async (contents: readonly number[]): Promise<boolean> => {
      for (const content of contents) {
        const bytes = bytesOf(content);
        const read = await index.readChunk(vault.idOf(bytes)).catch(() => new Uint8Array(0));
        if (!equalBytes(read, bytes)) return false;
      }
      return true;
    };
    const shown = new Set(vault.snapshots.map(({ id }) => id));
    for (const [id, contents] of promises.kept) {
      if (!shown.has(id)) faults.push(`snapshot ${id.slice(0, 8)} was kept and is not shown`);
      if (!(await restores(contents))) faults.push(`snapshot ${id.slice(0, 8)} was kept and does not restore`);
    }
    for (const [id, atMs] of promises.forgottenAt) {
      const contents = promises.made.get(id);
      if (contents === undefined || promises.kept.has(id) || world.trueMs - atMs >= graceMs) continue;
      if (!(await restores(contents))) faults.push(`snapshot ${id.slice(0, 8)} went within its grace`);
    }
    faults.push(...tooEarly(world, await vault.readLogsAgain()));
    const { findings } = await checkVault(vault, witness.ports, async () => {}, { readData: 'none' });
    for (const { kind, key, detail, files } of findings) {
      const isKept = files.some(({ snapshot }) => promises.kept.has(snapshot));
      if (kind === 'log' || isKept) faults.push(`check: ${kind} ${key}: ${detail}`);
    }
  });
  return faults;
}

/** What was deleted sooner than so long after its mark, or after its snapshot was forgotten. */
function tooEarly(world: World, logs: Logs): string[] {
  const markedAt = new Map<PackId, number>();
  const forgottenAt = new Map<SnapshotId, number>();
  const note = <Id>(times: Map<Id, number>, id: Id, atMs: number): void =>
    void times.set(id, Math.min(atMs, times.get(id) ?? Number.POSITIVE_INFINITY));
  for (const { entry } of allRecords(logs)) {
    const { action, device, seq } = entry;
    const atMs = world.putAt.get(keyOfHead(device, seq)) ?? Number.POSITIVE_INFINITY;
    if (action.kind === 'forget') for (const id of action.snapshots) note(forgottenAt, id, atMs);
    if (action.kind !== 'sweep-mark') continue;
    for (let at = 0; at < action.packs.length; at += hashBytes)
      note(markedAt, packId(toHex(action.packs.subarray(at, at + hashBytes))), atMs);
  }
  return world.deleted.flatMap(({ key, atMs }) => {
    const parsed = parseKey(key);
    const since =
      parsed?.kind === 'pack'
        ? markedAt.get(parsed.pack)
        : parsed?.kind === 'snapshot'
          ? forgottenAt.get(parsed.snapshot)
          : Number.NEGATIVE_INFINITY;
    return atMs - (since ?? Number.POSITIVE_INFINITY) >= graceMs
      ? []
      : [`${key} was deleted before its grace was over`];
  });
}
