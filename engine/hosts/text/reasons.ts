import {
  CofferError,
  catalogue,
  describeError,
  type ErrorCode,
  type ErrorDescription,
  systemCode,
} from '../../base/index.ts';

/** Why one file could not be saved or restored, and what to do about it. */
export type Reason = { readonly words: string; readonly remedy: string };

const denied: Reason = { words: 'permission denied', remedy: 'run as its owner, or leave it out with a rule' };
const unreadable: Reason = {
  words: 'the disk could not read it',
  remedy: 'check the disk; its earlier versions are safe',
};
const damaged: Reason = {
  words: 'damaged in the vault',
  remedy: 'see what is affected with: coffer check --read-data',
};
const missing: Reason = { words: 'missing from the vault', remedy: 'restore an older version, or see: coffer check' };

const reasons: Readonly<Record<string, Reason>> = {
  EACCES: denied,
  EPERM: denied,
  EBUSY: { words: 'in use by another program', remedy: 'close that program and run again' },
  ETXTBSY: { words: 'in use by another program', remedy: 'close that program and run again' },
  ENOENT: { words: 'gone before it could be read', remedy: 'run again if it is back' },
  EIO: unreadable,
  EUCLEAN: unreadable,
  ESTALE: { words: 'the network drive lost it', remedy: 'connect the drive again and run again' },
  ELOOP: { words: 'a link that leads to itself', remedy: 'correct the link, or leave it out with a rule' },
  ENAMETOOLONG: { words: 'its name is too long', remedy: 'choose a target with a shorter path' },
  EINVAL: { words: 'the system refused its name or type', remedy: 'choose a target on another file system' },
  ENOSPC: { words: 'the disk is full', remedy: 'free some space and run again' },
  EDQUOT: { words: 'the quota is used up', remedy: 'free some space and run again' },
  EFBIG: { words: 'too large for that file system', remedy: 'choose a target on another file system' },
  EROFS: { words: 'the target cannot be written', remedy: 'choose another target' },
  EISDIR: { words: 'a folder is in its place', remedy: 'choose another target, or move that folder away' },
  ENOTDIR: { words: 'a file is where its folder belongs', remedy: 'choose another target, or move that file away' },
  EEXIST: { words: 'something is in its place', remedy: 'say what to do with --on-conflict' },
  'too-deep': {
    words: 'it lies more than 4,096 folders deep',
    remedy: 'move it higher up, or leave it out with a rule',
  },
  'changed-while-read': {
    words: 'changed while it was read',
    remedy: 'close the program that writes it and run again',
  },
  'object.damaged': damaged,
  'object.missing': missing,
  'chunk.missing': missing,
  'store.objectMissing': missing,
};

export function reasonOf(code: string): Reason {
  const known = reasons[code.replace(/^unreadable:/, '')];
  if (known !== undefined) return known;
  if (Object.hasOwn(catalogue, code)) {
    const { what, remedy } = catalogue[code as ErrorCode];
    const hasBlanks = /\{\w+\}/.test(what + remedy);
    if (!hasBlanks) return { words: what.replace(/\.$/, ''), remedy };
  }
  return { words: `the system said ${code}`, remedy: 'run again; if it stays, look at the disk' };
}

const inUse = 'another program uses it';
const driveGone = 'the drive is gone';
const connectionLost = 'the network drive lost its connection';
const tooManyFiles = 'too many files are open';

/** What the system's codes say, in the middle of a sentence about a file or folder that is named before. */
const systemWords: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'a file is in the place of a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'something is in its place',
  ENOTEMPTY: 'it is not empty',
  ELOOP: 'a link leads to itself',
  ENAMETOOLONG: 'its name is too long',
  EINVAL: 'the system refused its name or type',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it can be read but not written',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EFBIG: 'it is too large for that file system',
  EIO: 'the disk reports an error',
  EUCLEAN: 'the file system is damaged',
  ENODEV: driveGone,
  ENXIO: driveGone,
  ESTALE: connectionLost,
  ENOTCONN: connectionLost,
  ETIMEDOUT: 'the network drive does not answer',
  EBUSY: inUse,
  ETXTBSY: inUse,
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,
  ENOTSUP: 'its file system cannot do that',
  EOPNOTSUPP: 'its file system cannot do that',
};

/** Why one of the person's own files could not be read or written, in the middle of a sentence. */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  return code === '' ? 'the system gave no reason' : inWords(code);
}

/** The three sentences of an error. The engine hands on the system's codes; a person reads words. */
export function describeInWords(error: CofferError): ErrorDescription {
  const { detail } = error.context;
  if (typeof detail !== 'string') return describeError(error);
  return describeError(new CofferError(error.code, { ...error.context, detail: inWords(detail) }));
}

/** A bare code of the system in words, anything else as it is. */
function inWords(reason: string): string {
  if (!/^E[A-Z0-9]+$/.test(reason)) return reason;
  return systemWords[reason] ?? `the system said ${reason}`;
}

/** Failures that lie in the vault and not in this computer's files or disks. */
export function isVaultDamage(code: string): boolean {
  return reasons[code] === damaged || reasons[code] === missing;
}

const leftOut: Readonly<Record<string, string>> = {
  pattern: 'by your patterns',
  size: 'larger than --max-size',
  age: 'older than --max-age',
  'cachedir-tag': 'in folders marked as caches',
  'other-filesystem': 'on other file systems',
  'pseudo-filesystem': 'made up by the system',
  'coffer-own': 'Coffer’s own data',
  vault: 'vaults',
  'cloud-placeholder': 'not on this computer (cloud placeholders)',
  vanished: 'gone before they were read',
  deferred: 'still to come',
};

export function leftOutBecause(reason: string): string {
  return leftOut[reason] ?? reason.replace(/^preset:(.*)$/, 'by the preset $1');
}
