import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CofferError } from '../base/index.ts';

/** Where a vault is, as far as a person's text says it. More kinds of place come with their stores. */
export type StorePlace = { readonly kind: 'local'; readonly root: string };

/** A scheme has two letters at least: `C:\vault` is a folder. */
const scheme = /^([a-z][a-z0-9+.-]+):/i;

/** `DIR`, `file:DIR` or `file:///DIR`; a relative folder is one of `base`, the current folder by default. */
export function parseStoreUrl(text: string, base = '.'): StorePlace {
  const invalid = (cause?: unknown): CofferError =>
    new CofferError('store.urlInvalid', { url: withoutSecrets(text) }, cause);
  const name = scheme.exec(text)?.[1]?.toLowerCase();
  if (text === '' || text.includes('\0') || (name !== undefined && name !== 'file')) throw invalid();
  if (name === undefined) return { kind: 'local', root: resolve(base, text) };
  const rest = text.slice('file:'.length);
  if (rest === '') throw invalid();
  if (!rest.startsWith('//')) return { kind: 'local', root: resolve(base, rest) };
  try {
    return { kind: 'local', root: resolve(fileURLToPath(`file:${rest}`)) };
  } catch (error) {
    throw invalid(error);
  }
}

/** A mistyped URL may hold a password; errors are shown and logged. */
function withoutSecrets(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//…@');
}
