import { type CofferError, isCofferError } from '../base/index.ts';

/** One object that cannot be had, whatever the reason, while the place as a whole is there: reading goes on without it. */
export function isUnreadable(error: unknown): error is CofferError {
  if (isCofferError(error, 'object.damaged') || isCofferError(error, 'store.objectMissing')) return true;
  // A bad sector, or a file with wrong permissions; these errors name the object.
  const isOfPlace = isCofferError(error, 'store.failed') || isCofferError(error, 'store.denied');
  return isOfPlace && typeof error.context['key'] === 'string';
}

/** Why, in words that stand behind the object's name. */
export function reasonOf(error: CofferError): string {
  if (error.code === 'store.objectMissing') return 'it is missing';
  if (error.code === 'store.denied') return 'the place does not let Coffer read it';
  return String(error.context['reason'] ?? error.context['detail'] ?? 'it cannot be read');
}
