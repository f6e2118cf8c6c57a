import { spawn } from 'node:child_process';
import process from 'node:process';
import { systemCode } from '../../base/index.ts';
import type { AgentMessage, AgentProcess, Ending, Launcher, LauncherMessage, Parent } from './port.ts';

export type NodeLauncherOptions = {
  /** The program and its words, such as `bin/coffer daemon run`. */
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly platform: string;
  /** What it writes to standard error. */
  readonly onText: (text: string) => void;
};

/** Starts the agent as a plain child process that runs Node, with a channel of Node's own to it. */
export function nodeLauncher(options: NodeLauncherOptions): Launcher {
  return { launch: () => launch(options) };
}

function launch({ command, environment, folder, platform, onText }: NodeLauncherOptions): AgentProcess {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    windowsHide: true,
  });
  child.stderr?.setEncoding('utf8').on('data', onText);
  // A message to a process that is just going is lost, and that is no news: `ended` tells it.
  child.on('error', () => {});
  const post = (message: LauncherMessage): void => {
    if (child.connected) child.send(message, () => {});
  };
  return {
    processId: child.pid,
    post,
    onMessage: (hear) => {
      const listen = (message: unknown): void => {
        if (isAgentMessage(message)) hear(message);
      };
      child.on('message', listen);
      return () => child.off('message', listen);
    },
    ended: new Promise<Ending>((resolve) => {
      child.once('error', (error) => {
        if (child.pid === undefined) resolve({ code: null, by: systemCode(error) || 'no process' });
      });
      child.once('close', (code, signal) => resolve({ code, by: signal }));
    }),
    // On Windows a signal ends a process at once.
    stop: () => (platform === 'win32' ? post({ kind: 'stop' }) : void child.kill('SIGTERM')),
    kill: () => void child.kill('SIGKILL'),
  };
}

/** The way back to whoever launched this process as an agent; null when a person or the system started it. */
export function parentOf({ send }: Pick<NodeJS.Process, 'send'>): Parent | null {
  if (send === undefined) return null;
  return {
    // It may have gone already; the agent goes on without it.
    post: (message) => void (process.connected && process.send?.(message, undefined, {}, () => {})),
    onMessage: (hear) => {
      const listen = (message: unknown): void => {
        if (isKind(message, 'stop')) hear({ kind: 'stop' });
      };
      process.on('message', listen);
      return () => process.off('message', listen);
    },
  };
}

function isAgentMessage(message: unknown): message is AgentMessage {
  if (isKind(message, 'alive') || isKind(message, 'gone')) return true;
  return isKind(message, 'ready') && typeof message['processId'] === 'number' && typeof message['socket'] === 'string';
}

function isKind(message: unknown, kind: string): message is Record<string, unknown> {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === kind;
}
