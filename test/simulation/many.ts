import { spawn } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, 'main.ts');

/** What the simulator prints, in a process of its own: nothing else moves its time, and it has a core for itself. */
export function simulate(...options: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`it ended with ${code}\n${printed}`)),
    );
  });
}

/** Many seeds in two processes; what they found, a line for each. */
export async function simulateMany(from: number, count: number): Promise<readonly string[]> {
  const half = Math.ceil(count / 2);
  const parts = [
    simulate('--from', `${from}`, '--count', `${half}`),
    simulate('--from', `${from + half}`, '--count', `${count - half}`),
  ];
  const lines = (await Promise.all(parts)).flatMap((printed) => printed.split('\n'));
  return lines.filter((line) => line.startsWith('seed '));
}
