import { systemRandom } from '../../base/index.ts';
import { createRealFileSystem } from '../../filesystem/index.ts';
import { serve } from '../../pool/index.ts';
import { makeBackupLabour, type ScanSetup } from './labour.ts';

const ports = { fileSystem: createRealFileSystem(), random: systemRandom };
await serve<ScanSetup>((setup, _worker, emit) => makeBackupLabour(ports, setup, emit));
