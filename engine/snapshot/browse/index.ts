export { type Difference, diffSnapshots } from './diff.ts';
export { entryAt } from './entry-at.ts';
export type { EntryInfo } from './entry-info.ts';
export { type FoundVersion, findByName } from './find.ts';
export { type ListOptions, listEntries } from './list.ts';
export { readFile } from './read-file.ts';
