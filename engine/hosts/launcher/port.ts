import type { Unsubscribe } from '../../contract/index.ts';

/**
 * How an agent process comes to life, and what may be said to it whatever carries the words: a plain Node child process
 * (`node-launcher.ts`), or a utility process of Electron.
 */
export type Launcher = { launch(): AgentProcess };

export type AgentProcess = {
  /** Undefined when it could not be started. */
  readonly processId: number | undefined;
  post(message: LauncherMessage): void;
  onMessage(hear: (message: AgentMessage) => void): Unsubscribe;
  /** Resolves always, also when it could not be started. */
  readonly ended: Promise<Ending>;
  /** Asks it to end well. */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
};

export type Ending = {
  /** Null when a signal ended it, or when it could not be started. */
  readonly code: number | null;
  /** The signal, or the system's code when it could not be started. */
  readonly by: string | null;
};

/** What the launcher says. */
export type LauncherMessage = { readonly kind: 'stop' };

/**
 * What the agent process says: once it can be spoken to over its socket, every few seconds that its thread goes on, and when
 * it holds nothing any more although threads of it may stay for as long as a drive keeps them.
 */
export type AgentMessage =
  | { readonly kind: 'ready'; readonly processId: number; readonly socket: string }
  | { readonly kind: 'alive' }
  | { readonly kind: 'gone' };

/** The agent's side of it. */
export type Parent = {
  post(message: AgentMessage): void;
  onMessage(hear: (message: LauncherMessage) => void): Unsubscribe;
};
