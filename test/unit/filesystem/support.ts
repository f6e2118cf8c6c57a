import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRealFileSystem, type RealFileSystemOptions } from '../../../engine/filesystem/index.ts';
import { createSimulatedFileSystem, type SimulatedFileSystem } from '../../../engine/filesystem/simulated/index.ts';
import type { FileSystemUnderTest } from '../../contract/filesystem.ts';

export function realUnderTest(options: RealFileSystemOptions = {}): FileSystemUnderTest {
  const root = mkdtempSync(join(tmpdir(), 'coffer-filesystem-'));
  return { fs: createRealFileSystem(options), root, dispose: () => rmSync(root, { recursive: true, force: true }) };
}

export function simulatedUnderTest(seed = 1): FileSystemUnderTest & { readonly fs: SimulatedFileSystem } {
  const fs = createSimulatedFileSystem({ seed });
  fs.makeFolder('/root');
  fs.syncVolume('/');
  return { fs, root: '/root', dispose: () => {} };
}
