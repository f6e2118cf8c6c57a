import { CofferError, catalogue, type ErrorCode, systemCode } from '../base/index.ts';
import type { FailureOnWire } from './protocol.ts';

export function failureToWire(error: unknown): FailureOnWire {
  const known = error instanceof CofferError;
  return {
    code: known ? error.code : null,
    context: known ? error.context : {},
    system: systemCode(known ? error.cause : error),
    message: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? (error.stack ?? '') : '',
  };
}

export function failureFromWire(failure: FailureOnWire): Error {
  const system =
    failure.system === '' ? undefined : Object.assign(new Error(failure.message), { code: failure.system });
  if (failure.code !== null && failure.code in catalogue) {
    return new CofferError(failure.code as ErrorCode, failure.context, system); // checked by `in` just above
  }
  const error = system ?? new Error(failure.message);
  error.stack = failure.stack;
  return error;
}
