/** The newest version of the format that this code knows: it reads all up to it and writes it. */
export const formatVersion = 1;

/** Also the place of each code in FORMAT.md's tables. */
export const packTypes = ['data', 'tree'] as const;
export type PackType = (typeof packTypes)[number];

export const hashBytes = 32;
export const commitmentBytes = 32;
export const saltBytes = 24;
/** AES-GCM's tag behind every sealed thing. */
export const sealBytes = 16;

export const seqMost = 9_999_999_999;
