import { spawn } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, 'main.ts');

/** Room for what a world makes and drops; and a process that is alone on its core has no use for threads that collect. */
const flags = ['--single-threaded-gc', '--min-semi-space-size=32', '--max-semi-space-size=64'];

/** What the simulator prints, in a process of its own: nothing else moves its time, and it has a core for itself. */
export function simulate(...options: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, main, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      code === 0 ? resolve(printed) : reject(new Error(`it ended with ${code ?? signal}\n${printed}`)),
    );
  });
}

/** Many seeds in two processes; what they found, a line for each. */
export async function simulateMany(from: number, count: number): Promise<readonly string[]> {
  const half = Math.ceil(count / 2);
  const found = await Promise.all([simulatePart(from, half), simulatePart(from + half, count - half)]);
  return found.flat();
}

/** What is broken, a line for each. */
export async function simulatePart(from: number, count: number): Promise<readonly string[]> {
  const printed = await simulate('--from', `${from}`, '--count', `${count}`);
  return printed.split('\n').filter((line) => line.startsWith('seed '));
}
