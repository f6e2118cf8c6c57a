import { agentErrors } from './catalogue/agent.ts';
import { choiceErrors } from './catalogue/choices.ts';
import { fileErrors } from './catalogue/files.ts';
import { journalErrors } from './catalogue/journal.ts';
import { programErrors } from './catalogue/program.ts';
import { secretErrors } from './catalogue/secrets.ts';
import { storeErrors } from './catalogue/stores.ts';
import { vaultErrors } from './catalogue/vaults.ts';

export type { Retry } from './catalogue/entry.ts';
export { type ExitName, exitCodes } from './catalogue/exit-codes.ts';

/**
 * Every error of the world that a person can meet: what happened, what it means for the files, what to do.
 * One catalogue feeds the command line, the interface and the documentation. `{name}` comes from the error's context.
 */
export const catalogue = {
  ...secretErrors,
  ...vaultErrors,
  ...storeErrors,
  ...fileErrors,
  ...choiceErrors,
  ...agentErrors,
  ...journalErrors,
  ...programErrors,
};

export type ErrorCode = keyof typeof catalogue;
