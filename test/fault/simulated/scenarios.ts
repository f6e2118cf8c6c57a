import type { CallName, FaultOptions } from '../../../engine/filesystem/simulated/index.ts';
import type { SystemErrorCode } from '../../../engine/filesystem/system-error.ts';
import { loadIndex } from '../../../engine/repository/index.ts';
import { openAfresh } from '../../unit/backup/world.ts';
import { demandClearError, demandRecovery, demandSound, setScene, tryBackup, Unsound, watched } from './scene.ts';

export const syncCalls: readonly CallName[] = ['sync', 'syncLater', 'syncFolder', 'syncVolume', 'syncVolumeLater'];
export const growingCalls: readonly CallName[] = ['open', 'write', 'makeFolder', 'renameNoReplace', 'rename', 'lock'];

export type NthCall = { readonly seed: number; readonly nth: number };

/** One call fails, or the disk is full from then on (`lasting`); then the trouble is over. */
export async function failNthCall(
  { seed, nth }: NthCall,
  code: SystemErrorCode,
  { calls, lasting = false }: { readonly calls?: readonly CallName[]; readonly lasting?: boolean } = {},
): Promise<void> {
  const scene = await setScene(seed);
  const { disk } = scene.world;
  disk.failAt(nth, code, { ...(calls === undefined ? {} : { calls }), times: lasting ? 1_000_000 : 1 });
  const outcome = await tryBackup(scene);
  disk.clearFaults();
  disk.restart();
  demandClearError(outcome);
  await demandSound(scene, outcome);
  await demandRecovery(scene);
}

/** The power goes at a call; what was not durable may be gone or torn. */
export async function losePowerAt({ seed, nth }: NthCall, options: FaultOptions = {}): Promise<void> {
  const scene = await setScene(seed);
  const { disk } = scene.world;
  disk.powerLossAt(nth, options);
  const outcome = await tryBackup(scene);
  disk.clearFaults();
  disk.restart();
  await demandSound(scene, outcome);
  await demandRecovery(scene);
}

/** The program ends at a call. The disk keeps all it was told, and nothing may be stored a second time. */
export async function crashAt({ seed, nth }: NthCall): Promise<void> {
  const scene = await setScene(seed);
  const { disk } = scene.world;
  let calls = 0;
  const outcome = await tryBackup(
    scene,
    watched(disk, () => {
      if (++calls >= nth) throw new Error('the program has ended');
    }),
  );
  disk.restart();
  await demandSound(scene, outcome);
  const walked = await demandRecovery(scene);
  const vault = await openAfresh(scene.world);
  for (const pack of (await loadIndex(vault, { without: new Set() })).packs.values()) {
    if (!pack.indexed) throw new Unsound(`no index names pack ${pack.id}`);
  }
  await vault.close();
  for (const { holders, refs } of walked) {
    for (const [id, packs] of holders) {
      if (packs.length !== 1) throw new Unsound(`chunk ${id} was stored ${packs.length} times`);
      if (!refs.some((pack) => packs.includes(pack))) throw new Unsound(`no named pack holds chunk ${id}`);
    }
  }
}
