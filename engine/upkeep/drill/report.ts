import { concatBytes, fromHex, type SnapshotId, toHex, utf8, type VaultId } from '../../base/index.ts';
import { type SigningKey, verifySignature } from '../../crypto/index.ts';
import type { LocalState, Vault } from '../../repository/index.ts';

/** What a drill has shown. */
export type DrillReport = {
  readonly version: 1;
  readonly vault: VaultId;
  readonly place: string;
  readonly snapshots: readonly SnapshotId[];
  readonly kind: 'sample' | 'full';
  /** By the clock of this computer, when it began. */
  readonly atMs: number;
  readonly seconds: number;
  /** Restored with exactly the bytes of the snapshot. */
  readonly files: number;
  readonly bytes: number;
  /** Of these: the same, byte for byte, as the file here, which is unchanged since. */
  readonly comparedWithHere: number;
  readonly failed: number;
  /** The first of them. */
  readonly failures: readonly DrillFailure[];
};

export type DrillFailure = {
  readonly path: string;
  /** `not-restored` with an error's code; `other-bytes` than the snapshot says; `other-than-here`, where nothing changed the file. */
  readonly reason: 'not-restored' | 'other-bytes' | 'other-than-here';
  readonly code: string | null;
};

/** The report as text, and what proves that this device made it; in hex, so that it can be handed on. */
export type SignedReport = { readonly statement: string; readonly key: string; readonly signature: string };

export type KeptReport = { readonly report: DrillReport; readonly signed: SignedReport | null };

export const isProven = ({ failed, files }: DrillReport): boolean => failed === 0 && files > 0;

const file = 'drills';
/** A weekly drill's half year. */
const reportsKept = 26;
/** Keeps a report apart from all else that a device signs. */
const domain = 'coffer/v1/drill\0';

const messageOf = (statement: string): Uint8Array => concatBytes([utf8(domain), utf8(statement)]);

/** Without a key where this computer has never written to the vault: a device begins with its first snapshot. */
export function signReport(report: DrillReport, device: SigningKey | null): KeptReport {
  if (device === null) return { report, signed: null };
  const statement = JSON.stringify(report);
  const signature = toHex(device.sign(messageOf(statement)));
  return { report, signed: { statement, key: toHex(device.publicKey), signature } };
}

export function isSignatureGood({ statement, key, signature }: SignedReport): boolean {
  return verifySignature({ publicKey: fromHex(key), message: messageOf(statement), signature: fromHex(signature) });
}

type Written = { readonly statement: string; readonly key: string | null; readonly signature: string | null };

/** Newest first. */
export function keepReport(local: LocalState, kept: KeptReport): void {
  const all = [writtenOf(kept), ...readWritten(local)].slice(0, reportsKept);
  local.write(file, utf8(JSON.stringify(all)));
}

/** Newest first; those whose signature is not good are left out. */
export function keptReports({ local }: Pick<Vault, 'local'>): KeptReport[] {
  return readWritten(local).flatMap(({ statement, key, signature }): KeptReport[] => {
    // Sealed by this installation, so its shape is ours.
    const report = JSON.parse(statement) as DrillReport;
    if (key === null || signature === null) return [{ report, signed: null }];
    const signed = { statement, key, signature };
    return isSignatureGood(signed) ? [{ report, signed }] : [];
  });
}

function writtenOf({ report, signed }: KeptReport): Written {
  return signed ?? { statement: JSON.stringify(report), key: null, signature: null };
}

function readWritten(local: LocalState): Written[] {
  const bytes = local.read(file);
  return bytes === null ? [] : (JSON.parse(new TextDecoder().decode(bytes)) as Written[]);
}
