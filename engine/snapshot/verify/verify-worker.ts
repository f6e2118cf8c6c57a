import { createRealFileSystem } from '../../filesystem/index.ts';
import { serve } from '../../pool/index.ts';
import { openStore } from '../../storage/index.ts';
import { makeVerifyLabour, type VerifySetup } from './labour.ts';

const fileSystem = createRealFileSystem();
await serve<VerifySetup>(async (setup) => makeVerifyLabour(await openStore(setup.url, { fileSystem }), setup));
