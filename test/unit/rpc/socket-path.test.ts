import { describe, expect, it } from 'vitest';
import { socketPathOf } from '../../../engine/hosts/rpc/socket-path.ts';

const environment = { platform: 'linux', userId: 1000, runtimeFolder: '/run/user/1000', temporaryFolder: '/tmp' };
const deep = `/home/ana/${'folder/'.repeat(20)}coffer`;

describe('the path of the socket', () => {
  it('is in COFFER_HOME', () => {
    expect(socketPathOf('/home/ana/.local/share/coffer', environment)).toBe('/home/ana/.local/share/coffer/agent.sock');
  });

  it('is in the runtime folder when the system would not take it there, apart for each home', () => {
    const paths = [deep, `${deep}2`, '/home/ana/caf\udce9'].map((home) => socketPathOf(home, environment));
    for (const path of paths) expect(path).toMatch(/^\/run\/user\/1000\/coffer\/[0-9a-f]{16}\.sock$/);
    expect(new Set(paths).size).toBe(3);
  });

  it('counts bytes and not letters', () => {
    const home = `/home/${'ä'.repeat(50)}`;
    expect(socketPathOf(home, environment)).toMatch(/^\/run\//);
  });

  it('is in a folder of this user where there is no runtime folder', () => {
    const path = socketPathOf(deep, { ...environment, runtimeFolder: undefined });
    expect(path).toMatch(/^\/tmp\/coffer-1000\/[0-9a-f]{16}\.sock$/);
    const far = { ...environment, runtimeFolder: undefined, temporaryFolder: deep };
    expect(socketPathOf(deep, far)).toBe(path);
  });

  it('is a name that is no file on Windows', () => {
    expect(socketPathOf('C:\\Users\\Ana', { ...environment, platform: 'win32' })).toMatch(/^\\\\\.\\pipe\\coffer-\w+$/);
  });
});
