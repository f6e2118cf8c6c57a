import { catalogue, type ErrorCode, systemCode } from '../../base/index.ts';

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

const systemWords: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'it is not there',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOSPC: 'the disk is full',
};

/** Why one of the person's own files could not be read or written, in the middle of a sentence. */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  return systemWords[code] ?? (code === '' ? 'the system gave no reason' : `the system said ${code}`);
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
};

export function leftOutBecause(reason: string): string {
  return leftOut[reason] ?? reason.replace(/^preset:(.*)$/, 'by the preset $1');
}
