import process from 'node:process';
import { realHost } from './real-host.ts';
import { run } from './run.ts';

// Node's own warnings are for programmers.
process.removeAllListeners('warning');
process.exit(await run(realHost()));
