import { expect, test } from 'vitest';
import { mountOf, mountsThatMayHang, parseMounts } from '../../../engine/filesystem/index.ts';

const mountinfo = `28 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
90 28 0:45 / /home/anna/nas rw,relatime shared:50 - nfs4 nas:/export rw,vers=4.2
91 90 0:45 /photos /home/anna/nas/photos rw - nfs4 nas:/export rw,vers=4.2
92 28 0:46 / /home/anna/My\\040server rw,relatime shared:51 - cifs //server/share rw
93 28 0:47 / /home/anna/far rw,nosuid - fuse.sshfs anna@far: rw
94 28 8:1 / /home/anna/stick rw - vfat /dev/sdb1 rw
95 28 259:2 /srv /home/anna/bound rw - ext4 /dev/nvme0n1p2 rw
96 28 0:48 / /home/anna/\\377 rw - nfs nas:/odd rw
`;
const mounts = parseMounts(Buffer.from(mountinfo));

test('drives that may never answer are told by the list of mounts', () => {
  expect(mountsThatMayHang(mounts)).toEqual(
    new Set(['/home/anna/nas', '/home/anna/My server', '/home/anna/far', '/home/anna/\udcff']),
  );
});

test('a path lies on what was mounted nearest above it, and last', () => {
  expect(mountOf('/home/anna/nas/photos/2026', mounts)?.point).toBe('/home/anna/nas/photos');
  expect(mountOf('/home/anna/nasty', mounts)?.point).toBe('/');
  expect(mountOf('/home', [])).toBeNull();
});

test('a system without such a list has none', () => {
  expect(parseMounts(new Uint8Array(0))).toEqual([]);
});
