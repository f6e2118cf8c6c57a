import { execFile } from 'node:child_process';

/** A system that does not answer a question so simple has other troubles. */
const timeoutMs = 5_000;

/** What a program of the system prints, in the words that it has for programs. */
export function textOfProgram(name: string, args: readonly string[]): Promise<string> {
  const { PATH = '/usr/bin:/bin' } = process.env;
  // Programs about the network often lie where only an administrator's shell looks.
  const path = process.platform === 'win32' ? {} : { PATH: `${PATH}:/usr/sbin:/sbin` };
  const env = { ...process.env, ...path, LC_ALL: 'C' };
  return new Promise((resolve, reject) => {
    execFile(name, args, { env, timeout: timeoutMs, encoding: 'utf8' }, (error, text) => {
      if (error === null) resolve(text);
      else reject(error);
    });
  });
}
