import { agentErrors, choiceErrors, journalErrors } from './catalogue/agent.ts';
import { fileErrors, programErrors } from './catalogue/files.ts';
import { secretErrors, storeErrors, vaultErrors } from './catalogue/vault.ts';

export { type ExitName, exitCodes, type Retry } from './catalogue/entry.ts';

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
