import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { mountOf, parseMounts } from '../../index.ts';

/** Kinds of mounts that another computer keeps. Other kinds of FUSE are as often a disk of this one. */
const networkKinds =
  /^(nfs4?|cifs|smb3|smbfs|ncpfs|ceph|afs|lustre|davfs|fuse\.(sshfs|davfs2?|rclone|glusterfs|s3fs|gcsfuse|curlftpfs|gvfsd-fuse|ceph|juicefs|smbnetfs))$/;

/** Two letters at least: `C:\vault` is a folder. */
const isAddress = /^[a-z][a-z0-9+.-]+:/i;

/**
 * Whether a place is an address, or a folder that lies on a drive of another computer. The list of mounts is read, and the
 * drive itself is not touched: one that does not answer would hold up whoever asks. Known on Linux, and of `\\server\share`
 * on Windows.
 */
export function createNetworkDrives({
  platform,
  mounts = '/proc/self/mountinfo',
}: {
  readonly platform: string;
  readonly mounts?: string;
}): (place: string) => boolean {
  return (place) => {
    if (isAddress.test(place)) return true;
    if (platform === 'win32') return /^[/\\]{2}[^?.]/.test(place);
    return platform === 'linux' && isAbsolute(place) && isOnNetwork(place, bytesOf(mounts));
  };
}

export function isOnNetwork(path: string, mountinfo: Uint8Array): boolean {
  return networkKinds.test(mountOf(path, parseMounts(mountinfo))?.kind ?? '');
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    return new Uint8Array(0);
  }
}
