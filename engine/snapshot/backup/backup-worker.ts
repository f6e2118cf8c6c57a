import { systemRandom } from '../../base/index.ts';
import { sha256 } from '../../crypto/hash.ts';
import { createRealFileSystem } from '../../filesystem/index.ts';
import { serve } from '../../pool/worker.ts';
import { makeBackupLabour } from './labour.ts';
import type { ScanSetup } from './setup.ts';

const ports = { fileSystem: createRealFileSystem(), random: systemRandom, digest: sha256 };
await serve<ScanSetup>((setup, _worker, emit) => makeBackupLabour(ports, setup, emit));
