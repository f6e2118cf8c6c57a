import { getPriority } from 'node:os';
import { loadLibrary } from '../../../engine/filesystem/native.ts';
import { serve } from '../../../engine/pool/index.ts';

const ioprioGet: Readonly<Record<string, number>> = { x64: 252, arm64: 31 };

/** A thread that says how it stands with the processor and the disk: 3 is the class of those that come last. */
await serve(async () => ({
  jobs: {
    stand: () => {
      const number = ioprioGet[process.arch];
      const io = number === undefined ? null : (loadLibrary()?.find('syscall')?.(number, 1, 0, 0) ?? null);
      return { niceness: getPriority(), diskClass: io === null || io < 0 ? null : io >> 13 };
    },
  },
  hear: () => {},
  end: () => {},
}));
