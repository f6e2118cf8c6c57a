import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** Node makes a new map of all of them for each call. */
let known: ReturnType<typeof getSystemErrorMap> | undefined;
const namesOf = (): NonNullable<typeof known> => (known ??= getSystemErrorMap());

export type SystemErrorCode = keyof typeof constants.errno;

/** An error as Node's `fs` throws it (code, syscall, path), so that callers need not know who made the call. */
export function systemError(
  code: SystemErrorCode,
  syscall: string,
  path?: string,
  dest?: string,
): NodeJS.ErrnoException {
  return systemErrorOf(constants.errno[code], syscall, path, dest);
}

export function systemErrorOf(errno: number, syscall: string, path?: string, dest?: string): NodeJS.ErrnoException {
  const [code, text] = namesOf().get(-errno) ?? [`E${errno}`, 'unknown error'];
  const where = (path === undefined ? '' : ` '${path}'`) + (dest === undefined ? '' : ` -> '${dest}'`);
  const error = new Error(`${code}: ${text}, ${syscall}${where}`);
  return Object.assign(error, { errno: -errno, code, syscall }, path === undefined ? {} : { path });
}
