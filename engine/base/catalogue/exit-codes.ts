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
