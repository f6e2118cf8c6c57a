export { type Chunker, chunkEnds, createChunker } from './chunker.ts';
export { looksIncompressible } from './entropy.ts';
export { areChunkerParameters, type ChunkerParameters } from './parameters.ts';
