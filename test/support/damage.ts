import { type ErrorContext, isCofferError } from '../../engine/base/index.ts';

/** What is said of an object that is refused as damaged; null where it is taken. Any other error is a crash, and fails the test. */
export function damageOf(run: () => unknown): ErrorContext | null {
  try {
    run();
    return null;
  } catch (error) {
    if (isCofferError(error, 'object.damaged')) return error.context;
    throw error;
  }
}
