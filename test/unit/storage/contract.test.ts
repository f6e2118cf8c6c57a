import { silentLog, systemClock, systemRandom } from '../../../engine/base/index.ts';
import { createRealFileSystem } from '../../../engine/filesystem/index.ts';
import { createSimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import { overNetwork } from '../../../engine/storage/far.ts';
import { createMemoryRecords, type Store } from '../../../engine/storage/index.ts';
import { withUploads } from '../../../engine/storage/upload/store.ts';
import {
  faultPlans,
  withDeadline,
  withFaults,
  withLog,
  withRetry,
  withThrottle,
} from '../../../engine/storage/with/index.ts';
import { type StoreUnderTest, storeContract } from '../../contract/store.ts';
import { createFarStore } from '../../support/far-store.ts';
import {
  highestRandom,
  localUnderTest,
  makePlace,
  memoryUnderTest,
  realFileSystem,
  steppingClock,
  systemError,
} from './support.ts';

const farPorts = { clock: systemClock, random: systemRandom, fileSystem: realFileSystem };
const patient = { attempts: 5, baseMs: 10, capMs: 100, random: highestRandom };

storeContract('memory', () => memoryUnderTest());
storeContract('local', () => localUnderTest(realFileSystem, makePlace()));
storeContract('local without native calls', () =>
  localUnderTest(createRealFileSystem({ useNative: false }), makePlace()),
);
storeContract('local on a simulated disk', () => {
  const disk = createSimulatedFileSystem();
  disk.makeFolder('/vault');
  return localUnderTest(disk, { root: '/vault', dispose: () => {} });
});
storeContract('local, files adopted from another file system', () =>
  localUnderTest(fromElsewhere(realFileSystem), makePlace()),
);

storeContract('retry', async () => ({
  ...(await memoryUnderTest((store) => withRetry(store, { ...patient, clock: steppingClock() }))),
  takesEqualForOwn: true,
}));
storeContract('throttle', () =>
  memoryUnderTest((store) =>
    withThrottle(store, { bytesPerSecond: () => 1000, clock: steppingClock(), sizeOf: () => 0 }),
  ),
);
storeContract('deadline', () =>
  memoryUnderTest((store) =>
    withDeadline(store, { clock: systemClock, requestMs: 10_000, bytesPerSecondLeast: 1000, sizeOf: () => 0 }),
  ),
);
storeContract('uploads', () => withSpoolUnderTest((store) => store));
storeContract('uploads over a network', () =>
  withSpoolUnderTest((inner) => {
    const far = createFarStore({ inner, fileSystem: realFileSystem, clock: systemClock, seed: 1, latencyMs: 1 });
    return overNetwork(far, { ...farPorts, bytesPerSecond: () => null });
  }),
);
storeContract('log', () => memoryUnderTest((store) => withLog(store, { log: silentLog, clock: steppingClock() })));
storeContract('faults, none planned', () => memoryUnderTest((store) => withFaults(store, { plan: () => null })));

// A place that loses one call or answer in three is as good as any behind the retry decorator.
for (const seed of [1, 2, 3]) {
  storeContract(`retry over faults, seed ${seed}`, async () => {
    const under = await memoryUnderTest((store) => {
      const faults = [{ kind: 'fail' }, { kind: 'lostAnswer' }, { kind: 'breakOff', after: 1 }] as const;
      const plan = faultPlans.only(
        ['list', 'listKeys', 'get', 'stat', 'put', 'delete'],
        faultPlans.seededFaults({ seed, share: 0.33, faults }),
      );
      return withRetry(withFaults(store, { plan }), { ...patient, attempts: 20, clock: steppingClock() });
    });
    return { ...under, takesEqualForOwn: true };
  });
}

/** Packs go by a spool; whatever else is asked goes to the place. */
async function withSpoolUnderTest(wrap: (store: Store) => Store): Promise<StoreUnderTest> {
  const spool = makePlace();
  const under = await memoryUnderTest((store) =>
    withUploads(wrap(store), {
      ...farPorts,
      folder: `${spool.root}/spool`,
      log: silentLog,
      records: createMemoryRecords(),
    }),
  );
  await under.store.prepareSpool('me');
  const dispose = async (): Promise<void> => {
    await under.dispose();
    spool.dispose();
  };
  return { ...under, dispose, takesEqualForOwn: true, hearsLater: true };
}

function fromElsewhere(fileSystem: typeof realFileSystem): typeof realFileSystem {
  return {
    ...fileSystem,
    renameNoReplace: (from, to) => {
      if (from.includes('/given-')) throw systemError('EXDEV');
      fileSystem.renameNoReplace(from, to);
    },
  };
}
