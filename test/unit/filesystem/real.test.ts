import { execFileSync, spawn } from 'node:child_process';
import { lstatSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRealFileSystem, type FileSystem } from '../../../engine/filesystem/index.ts';
import { expectCode, makeFile } from '../../contract/filesystem-actions.ts';
import { realUnderTest } from './support.ts';

const isThere = (program: string): boolean => {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const onLinux = process.platform === 'linux';
const moduleUrl = new URL('../../../engine/filesystem/index.ts', import.meta.url).href;

describe('the real file system', () => {
  let fs: FileSystem;
  let root: string;
  let dispose: () => void;
  beforeEach(() => {
    ({ fs, root, dispose } = realUnderTest());
  });
  afterEach(() => dispose());

  test('tells of every kind of file what Node tells', () => {
    const node = createRealFileSystem({ useNative: false });
    for (const path of ['/', '/etc/hosts', '/dev/null', '/dev/tty', '/proc/self', '/usr/bin', root]) {
      if (node.lstatIfThere(path)) expect(fs.lstat(path)).toEqual(node.lstat(path));
    }
    expect(fs.lstat(root).device).toBe(statSync(root).dev);
  });

  test.runIf(onLinux && isThere('stat'))('sets times that other programs read to the nanosecond', () => {
    makeFile(fs, `${root}/file`);
    fs.makeLink('file', `${root}/link`);
    fs.setTime(`${root}/file`, 1_234_567_890, 123_456_789);
    fs.setTime(`${root}/link`, 987_654_321, 1);
    const read = (name: string): string =>
      execFileSync('stat', ['-c', '%.9Y', `${root}/${name}`], { encoding: 'utf8' });
    expect(read('file')).toBe('1234567890.123456789\n');
    expect(read('link')).toBe('987654321.000000001\n');
  });

  // Skipped where setfacl (package acl) is not installed.
  test.runIf(onLinux && isThere('setfacl'))('carries an access list from one file to another', () => {
    for (const name of ['from', 'to']) makeFile(fs, `${root}/${name}`);
    execFileSync('setfacl', ['-m', 'u:1234:rwx,g:4321:r', `${root}/from`]);
    const acl = fs.xattrs(`${root}/from`).find(({ name }) => name === 'system.posix_acl_access');
    expect(acl).toBeDefined();
    if (acl) fs.setXattr(`${root}/to`, acl.name, acl.value);
    const read = (name: string): string =>
      execFileSync('getfacl', ['-cn', `${root}/${name}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    expect(read('to')).toContain('user:1234:rwx');
    expect(read('to')).toBe(read('from'));
  });

  test.runIf(onLinux)('reading a file does not change its access time', () => {
    makeFile(fs, `${root}/file`);
    // An access before the last change is what the kernel would note anew.
    execFileSync('touch', ['-a', '-d', '2001-01-01', `${root}/file`]);
    const before = lstatSync(`${root}/file`).atimeMs;
    const fd = fs.open(`${root}/file`, 'read');
    fs.read(fd, new Uint8Array(10), 0);
    fs.close(fd);
    expect(lstatSync(`${root}/file`).atimeMs).toBe(before);
  });

  test('a path with a NUL names nothing', () => {
    makeFile(fs, `${root}/file`);
    expectCode(() => fs.lstat(`${root}/file\0x`), 'EINVAL');
    expectCode(() => fs.setTime(`${root}/file\0x`, 0, 0), 'EINVAL');
    expect(fs.lstat(`${root}/file`).mtimeSeconds).toBeGreaterThan(0);
  });

  test('an attribute larger than the first guess comes whole', () => {
    if (!fs.support.xattrs) return;
    makeFile(fs, `${root}/file`);
    for (let at = 0; at < 8; at++)
      fs.setXattr(`${root}/file`, `user.${'n'.repeat(200)}${at}`, new Uint8Array(100).fill(at));
    const xattrs = fs.xattrs(`${root}/file`);
    expect(xattrs.length).toBe(8);
    expect(xattrs.every(({ name, value }) => value.every((byte) => byte === Number(name.at(-1))))).toBe(true);
  });

  test.runIf(onLinux)('the kind of a file system is known', () => {
    expect(fs.volumeKind('/proc')).toBe('proc');
    expect(fs.volumeKind('/sys')).toBe('sysfs');
    expect(fs.volumeKind(root)).not.toMatch(/^(unknown|proc)$/);
  });

  test('errors read like those of Node', () => {
    expect(() => fs.lstat('/nothing/here')).toThrow(
      expect.objectContaining({
        code: 'ENOENT',
        path: '/nothing/here',
        message: expect.stringContaining('no such file'),
      }),
    );
  });

  test('works in a thread of its own', async () => {
    const code = `
      const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(moduleUrl)}).then(({ createRealFileSystem }) => {
        const fs = createRealFileSystem();
        parentPort.postMessage({ stat: fs.lstat('/'), support: fs.support });
      });`;
    const worker = new Worker(code, { eval: true });
    const message = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    expect(message).toEqual({ stat: fs.lstat('/'), support: fs.support });
  });
});

describe('a lock', () => {
  for (const useNative of [true, false]) {
    test(`of a killed process is free again (${useNative ? 'of the system' : 'by process id'})`, async () => {
      const { fs, root, dispose } = realUnderTest({ useNative });
      const path = `${root}/lock`;
      const code = `import(${JSON.stringify(moduleUrl)}).then(({ createRealFileSystem }) => {
        globalThis.held = createRealFileSystem({ useNative: ${useNative} }).lock(${JSON.stringify(path)});
        console.log(held ? 'held' : 'refused');
        setInterval(() => {}, 1000);
      });`;
      const holder = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
      const answer = await new Promise((resolve) => holder.stdout.once('data', (data) => resolve(String(data).trim())));
      expect(answer).toBe('held');
      expect(fs.lock(path)).toBeNull();
      const ended = new Promise((resolve) => holder.once('exit', resolve));
      holder.kill('SIGKILL');
      await ended;
      const lock = fs.lock(path);
      expect(lock).not.toBeNull();
      lock?.release();
      dispose();
    });
  }

  test('by process id with nonsense in it is free', () => {
    const { fs, root, dispose } = realUnderTest({ useNative: false });
    for (const content of ['', 'x', '-1', '4194305']) {
      writeFileSync(`${root}/lock`, content);
      const lock = fs.lock(`${root}/lock`);
      expect(lock).not.toBeNull();
      expect(readFileSync(`${root}/lock`, 'utf8')).toBe(String(process.pid));
      lock?.release();
      expect(fs.list(root)).toEqual([]);
    }
    dispose();
  });
});
