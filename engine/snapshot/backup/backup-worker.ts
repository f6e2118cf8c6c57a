import { systemRandom } from '../../base/index.ts';
import { sha256 } from '../../crypto/hash.ts';
import { createRealFileSystem, withPulse } from '../../filesystem/index.ts';
import { serve } from '../../pool/worker.ts';
import { makeBackupLabour } from './labour.ts';
import type { ScanSetup } from './setup.ts';

const ports = { fileSystem: createRealFileSystem(), random: systemRandom, digest: sha256 };
await serve<ScanSetup>((setup, worker, emit) => {
  const fileSystem = setup.pulse === undefined ? ports.fileSystem : withPulse(ports.fileSystem, setup.pulse, worker);
  return makeBackupLabour({ ...ports, fileSystem }, setup, emit);
});
