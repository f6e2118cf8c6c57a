import { silentLog } from '../../../engine/base/index.ts';
import { createRealFileSystem } from '../../../engine/filesystem/index.ts';
import { createSimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import { faultPlans, withFaults, withLog, withRetry, withThrottle } from '../../../engine/storage/with/index.ts';
import { storeContract } from '../../contract/store.ts';
import {
  highestRandom,
  localUnderTest,
  makePlace,
  memoryUnderTest,
  realFileSystem,
  steppingClock,
  systemError,
} from './support.ts';

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

storeContract('retry', () => memoryUnderTest((store) => withRetry(store, { ...patient, clock: steppingClock() })));
storeContract('throttle', () =>
  memoryUnderTest((store) => withThrottle(store, { bytesPerSecond: 1000, clock: steppingClock() })),
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

function fromElsewhere(fileSystem: typeof realFileSystem): typeof realFileSystem {
  return {
    ...fileSystem,
    renameNoReplace: (from, to) => {
      if (from.includes('/given-')) throw systemError('EXDEV');
      fileSystem.renameNoReplace(from, to);
    },
  };
}
