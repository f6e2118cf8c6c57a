import type { Clock } from '../../base/index.ts';
import type { CreateAgent, Rpc } from '../daemon/wiring.ts';
import type { Engine } from '../engine.ts';
import type { AttachAsked, Attached } from './agent/attach.ts';

/** Standard output or standard error. */
export type OutputStream = {
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Whether the reader went away (`coffer ls | head`); what is written then goes nowhere. */
  readonly isClosed: boolean;
  write(data: string | Uint8Array): Promise<void>;
};

/** The keyboard, for questions whose answer must not be shown. */
export type Keyboard = {
  readonly isTerminal: boolean;
  /** Without echo, letter by letter; returns what ends it. */
  listen(onText: (text: string) => void): () => void;
};

/** Where passphrases are kept for this user. Each call throws where the keychain is locked or refuses. */
export type Keychain = {
  read(account: string): string | null;
  write(account: string, secret: string): void;
  remove(account: string): boolean;
};

/** Everything of the world that the command line touches; main.ts makes the real one. */
export type Host = {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The current folder. */
  readonly folder: string;
  readonly platform: string;
  readonly userHome: string;
  readonly userName: string;
  readonly hostName: string;
  readonly processId: number;
  readonly version: string;
  readonly clock: Clock;
  /** Aborted by the first Ctrl-C or signal. */
  readonly signal: AbortSignal;
  /** Never resolves; rejects with what no one else caught. */
  readonly uncaught: Promise<never>;
  readonly keyboard: Keyboard;
  readonly out: OutputStream;
  readonly err: OutputStream;
  /** Whether something has this path, as far as it can be seen. */
  isThere(path: string): boolean;
  engine(): Promise<Engine>;
  /** A running agent, or one of this command's own. */
  attach(asked: AttachAsked): Promise<Attached>;
  /** The words that start this program again. */
  readonly program: readonly [string, ...string[]];
  rpc(): Promise<Rpc>;
  createAgent(): Promise<CreateAgent>;
  /** Null where this session has none at all. */
  keychain(): Promise<Keychain | null>;
};
