/** Exit codes of the command line; the table in README.md is the same. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  someFilesFailed: 3,
  vaultDamaged: 4,
  secretWrong: 5,
  storeUnavailable: 6,
  busy: 7,
  notYet: 8,
  cancelled: 130,
} as const;

export type ExitName = keyof typeof exitCodes;

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
