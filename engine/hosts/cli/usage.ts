import { CofferError } from '../../base/index.ts';

/** What was typed cannot be done; `command` says whose help explains it. */
export function usageError(detail: string, command = ''): CofferError {
  return new CofferError('usage', { detail, help: command === '' ? 'coffer --help' : `coffer ${command} --help` });
}
