import type { Log } from '../../../base/index.ts';
import type { AgentConnection } from '../../../contract/index.ts';
import type { Engine } from '../../engine.ts';

export type Attached = AgentConnection & {
  /** It is this command's own: nothing watches and nothing is saved once the command has ended. */
  readonly isAlone: boolean;
};

/** A running agent if there is one, else one of our own that lives as long as the command and runs nothing by itself. */
export type Attach = (options: {
  /** May create one of its own; else `agent.notRunning` is thrown where none runs. */
  readonly alone: boolean;
}) => Promise<Attached>;

/** What the host needs for it. */
export type AttachAsked = Parameters<Attach>[0] & {
  /** COFFER_HOME in full. */
  readonly home: string;
  readonly engine: Engine;
  readonly log: Log;
  /** A path as typed, in full. */
  readonly fullPath: (typed: string) => string;
  readonly passphraseFile: string | undefined;
};
