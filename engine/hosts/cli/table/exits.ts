import type { ExitName } from '../../../base/index.ts';

/** The exit codes in words; the numbers are in the catalogue. */
export const exitWords: Readonly<Record<ExitName, string>> = {
  done: 'done',
  failed: 'failed; nothing that was protected is lost',
  usage: 'the command line was not understood; nothing was done',
  someFilesFailed:
    'done, but not everything is safe: some files could not be saved or restored (what rules leave out does not count), or protection needs you',
  vaultDamaged: 'the vault is damaged, or older than what this computer has seen',
  secretWrong: 'no secret, or not the right one',
  storeUnavailable: 'the place was not found, or holds no vault',
  busy: 'another Coffer on this computer is writing to the vault, or the agent runs already',
  notYet: 'not yet: something holds the run back, or the time to wait was over',
  cancelled: 'stopped by Ctrl-C or a signal',
};
