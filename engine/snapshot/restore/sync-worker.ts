import { createRealFileSystem } from '../../filesystem/index.ts';
import { serve } from '../../pool/index.ts';
import { makeSyncLabour } from './sync-job.ts';

// A thread of its own, which loads little: a sync waits for the disk, and nobody else should.
await serve<null>(() => makeSyncLabour(createRealFileSystem()));
