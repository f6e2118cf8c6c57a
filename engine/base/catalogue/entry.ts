import type { ExitName } from './exit-codes.ts';

/** What a caller may do about an error: nothing, try again after a while, or ask the person. */
export type Retry = 'never' | 'later' | 'person';

/** What happened, what it means for the files, what to do. */
export type CatalogueEntry = {
  readonly what: string;
  readonly meaning: string;
  readonly remedy: string;
  readonly retry: Retry;
  readonly exit: ExitName;
};

export const entry = (exit: ExitName, retry: Retry, what: string, meaning: string, remedy: string): CatalogueEntry => ({
  what,
  meaning,
  remedy,
  retry,
  exit,
});
