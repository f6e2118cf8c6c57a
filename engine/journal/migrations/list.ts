import * as choicesAndRuns from './0001-choices-and-runs.ts';
import * as uploadQueue from './0002-upload-queue.ts';
import * as uploads from './0003-uploads.ts';

/**
 * In order; the n-th makes version n out of n − 1, and is never changed once it was released. They are modules with the text
 * in them: that way they come along wherever the program does, and are there where the disk is simulated.
 */
export const migrations: readonly string[] = [choicesAndRuns.sql, uploadQueue.sql, uploads.sql];
