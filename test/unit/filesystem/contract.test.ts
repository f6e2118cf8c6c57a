import { fileSystemContract } from '../../contract/filesystem.ts';
import { realUnderTest, simulatedUnderTest } from './support.ts';

fileSystemContract('real', () => realUnderTest());
fileSystemContract('real, without native calls', () => realUnderTest({ useNative: false }));
fileSystemContract('simulated', () => simulatedUnderTest());
