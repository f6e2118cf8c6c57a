import type { CofferError, ErrorCode } from '../base/index.ts';
import { type Reason, reason } from '../contract/index.ts';

/** What a run that failed means for the person: a reason to wait, to be needed, or to worry. */
export function troubleOf(error: CofferError, place: { readonly url: string }): Reason {
  const code = reasonCodes[error.code] ?? 'attention.placeError';
  const { path } = error.context;
  // Of a passphrase that does not open the place the person should know where it was found.
  const file = code === 'attention.locked' && typeof path === 'string' ? { path } : {};
  return reason(code, { place: place.url, error: error.code, ...file });
}

const reasonCodes: { readonly [Code in ErrorCode]?: Reason['code'] } = {
  'store.missing': 'wait.placeMissing',
  'store.hangs': 'wait.placeHangs',
  'vault.notFound': 'wait.placeMissing',
  'vault.busy': 'wait.placeBusy',
  'secret.missing': 'attention.locked',
  'secret.wrong': 'attention.locked',
  'secret.fileShared': 'attention.locked',
  'secret.fileNotOwn': 'attention.locked',
  'secret.fileUnreadable': 'attention.locked',
  'vault.rolledBack': 'risk.vaultOlder',
};
