import { CofferError } from '../../base/index.ts';

/** What was typed cannot be done; `command` says whose help explains it. */
export function usageError(detail: string, command = ''): CofferError {
  return command === '' ? new CofferError('usage.program', { detail }) : new CofferError('usage', { detail, command });
}
