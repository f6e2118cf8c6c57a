/**
 * What is mounted where, by the system's own list: nothing of it touches a drive, since one that does not answer would hold up
 * whoever asks. Known on Linux.
 */
import { nameFromBytes } from './names.ts';

export type Mount = { readonly point: string; readonly device: string; readonly kind: string };

/** By the bytes of mountinfo: "36 35 98:0 /root /mount/point options - kind source options". */
export function parseMounts(mountinfo: Uint8Array): Mount[] {
  const mounts: Mount[] = [];
  for (const line of Buffer.from(mountinfo).toString('latin1').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , device = '', , point = ''] = before.split(' ');
    if (point !== '') mounts.push({ point: unescaped(point), device, kind: after.split(' ')[0] ?? '' });
  }
  return mounts;
}

/** On what a path lies; null when nobody knows. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | null {
  let nearest: Mount | null = null;
  for (const mount of mounts) {
    const { point } = mount;
    const isAbove = point === '/' || path === point || path.startsWith(`${point}/`);
    // What was mounted later at the same point hides what was there.
    if (isAbove && point.length >= (nearest?.point.length ?? 0)) nearest = mount;
  }
  return nearest;
}

/** Kinds that another computer or another program answers for, and that may therefore never answer. */
const mayHang = /^(nfs4?|cifs|smb3|smbfs|ncpfs|9p|ceph|afs|lustre|davfs|autofs|fuse(\..*)?)$/;

/** Folders at which such a drive is mounted that is not the one of the folder above. */
export function mountsThatMayHang(mounts: readonly Mount[]): Set<string> {
  const points = new Set<string>();
  for (const { point, device, kind } of mounts) {
    if (!mayHang.test(kind) || point === '/') continue;
    const above = point.slice(0, Math.max(1, point.lastIndexOf('/')));
    if (mountOf(above, mounts)?.device !== device) points.add(point);
  }
  return points;
}

/** The kernel writes `\040` for a blank. */
const unescaped = (point: string): string =>
  nameFromBytes(
    Buffer.from(
      point.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))),
      'latin1',
    ),
  );
