import { execFile } from 'node:child_process';

/** A system that does not answer a question so simple has other troubles. */
const timeoutMs = 5_000;

/** What a program of the system prints, in the words that it has for programs. */
export function textOfProgram(name: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C' };
  return new Promise((resolve, reject) => {
    execFile(name, args, { env, timeout: timeoutMs, encoding: 'utf8' }, (error, text) => {
      if (error === null) resolve(text);
      else reject(error);
    });
  });
}
