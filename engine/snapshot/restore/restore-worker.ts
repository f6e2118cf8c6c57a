import { silentLog, systemClock, systemRandom } from '../../base/index.ts';
import { createRealFileSystem } from '../../filesystem/index.ts';
import { serve } from '../../pool/index.ts';
import { makeRestoreLabour, type RestoreSetup } from './labour.ts';

const ports = {
  home: '',
  fileSystem: createRealFileSystem(),
  clock: systemClock,
  random: systemRandom,
  log: silentLog,
  threads: false,
};
await serve<RestoreSetup>((setup) => makeRestoreLabour(ports, setup));
