export { type Chunker, chunkEnds, createChunker, gearTableBytes } from './chunker.ts';
export { looksIncompressible } from './entropy.ts';
export { areChunkerParameters, type ChunkerParameters } from './parameters.ts';
