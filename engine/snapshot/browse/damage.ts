import { isCofferError } from '../../base/index.ts';

/**
 * Browsing goes on past a folder that cannot be read; the first such error is thrown when everything else was said, so that
 * nobody takes the rest for the whole.
 */
export type Damage = {
  /** Rethrows what is not damage of the vault. */
  note(error: unknown): void;
  throwIfAny(): void;
};

export function createDamage(): Damage {
  const errors: unknown[] = [];
  return {
    note(error) {
      if (!isVaultDamage(error)) throw error;
      errors.push(error);
    },
    throwIfAny() {
      if (errors.length > 0) throw errors[0];
    },
  };
}

export function isVaultDamage(error: unknown): boolean {
  const codes = ['object.damaged', 'object.missing', 'chunk.missing', 'store.objectMissing'] as const;
  return codes.some((code) => isCofferError(error, code));
}
