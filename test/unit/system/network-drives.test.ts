import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createNetworkDrives, isOnNetwork } from '../../../engine/hosts/system/network-drives.ts';
import { temporaryFolder } from '../../support/folder.ts';

const mountinfo = `22 28 0:21 / /proc rw,nosuid shared:12 - proc proc rw
28 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
90 28 0:45 / /mnt/nas rw,relatime shared:50 - nfs4 nas:/export rw,vers=4.2
91 28 0:46 / /mnt/My\\040server rw,relatime shared:51 - cifs //server/share rw
92 90 8:1 / /mnt/nas/usb rw,relatime shared:52 - ext4 /dev/sda1 rw
93 28 0:47 / /home/anna/far rw,nosuid - fuse.sshfs anna@far: rw
94 28 0:48 / /mnt/stick rw,nosuid - fuseblk /dev/sdb1 rw
95 28 0:49 / /mnt/auto rw - autofs systemd-1 rw
96 95 0:50 / /mnt/auto rw - nfs nas:/other rw
`;

test.each<[string, boolean]>([
  ['/home/anna/vault', false],
  ['/mnt/nas/vault', true],
  ['/mnt/nas', true],
  ['/mnt/nas2/vault', false],
  ['/mnt/nas/usb/vault', false],
  ['/mnt/My server/vault', true],
  ['/home/anna/far/vault', true],
  ['/mnt/stick/vault', false],
  ['/mnt/auto/vault', true],
])('%s is on a network drive: %s', (path, expected) => {
  expect(isOnNetwork(path, Buffer.from(mountinfo))).toBe(expected);
});

test('folders are looked up among the mounts of this computer, addresses are not', () => {
  const mounts = join(temporaryFolder(), 'mountinfo');
  writeFileSync(mounts, mountinfo);
  const needsNetwork = createNetworkDrives({ platform: 'linux', mounts });
  expect(['/mnt/nas/vault', '/mnt/stick', 'sftp://nas/vault'].map(needsNetwork)).toEqual([true, false, true]);
  expect(createNetworkDrives({ platform: 'linux', mounts: '/nowhere' })('/mnt/nas/vault')).toBe(false);
  expect(createNetworkDrives({ platform: 'linux' })('/')).toBe(false);
});

test('on Windows a share is told by its name', () => {
  const needsNetwork = createNetworkDrives({ platform: 'win32' });
  expect(['\\\\nas\\vault', '\\\\?\\C:\\vault', 'C:\\vault'].map(needsNetwork)).toEqual([true, false, false]);
});
