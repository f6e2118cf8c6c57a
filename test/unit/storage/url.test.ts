import { describe, expect, test } from 'vitest';
import { isCofferError } from '../../../engine/base/index.ts';
import { parseStoreUrl } from '../../../engine/storage/index.ts';

describe('a place in a person’s words', () => {
  test.each([
    ['/mnt/disk/vault', '/mnt/disk/vault'],
    ['/mnt/disk/vault/', '/mnt/disk/vault'],
    ['vault', '/base/vault'],
    ['../vault', '/vault'],
    ['./a:b', '/base/a:b'],
    ['with space', '/base/with space'],
    ['file:/mnt/vault', '/mnt/vault'],
    ['file:vault', '/base/vault'],
    ['file:///mnt/my%20vault', '/mnt/my vault'],
    ['FILE:///mnt/vault', '/mnt/vault'],
  ])('%s is the folder %s', (text, root) => {
    expect(parseStoreUrl(text, '/base')).toEqual({ kind: 'local', root });
  });

  test.each([
    '',
    'file:',
    's3:bucket',
    'https://host/vault',
    'sftp://me:secret@host/',
    'file://host/share',
    'a\0b',
    'ab:c',
  ])('%j is none, and the error holds no password', (text) => {
    try {
      parseStoreUrl(text);
      expect.unreachable();
    } catch (error) {
      expect(isCofferError(error, 'store.urlInvalid') && !String(error.context.url).includes('secret')).toBe(true);
    }
  });
});
