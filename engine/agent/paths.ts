import { isBelow } from '../filesystem/index.ts';

export const isAtOrBelow = (path: string, folder: string): boolean => path === folder || isBelow(path, folder);
