/** What travels between the agent thread and its workers. Only ids, lengths, decisions and metadata; never bytes of files. */
export type JobRequest = {
  readonly kind: 'job';
  readonly ticket: number;
  readonly name: string;
  readonly input: unknown;
};
export type Broadcast = { readonly kind: 'broadcast'; readonly message: unknown };
export type Setup = { readonly kind: 'setup'; readonly data: unknown };
export type ToWorker = Setup | JobRequest | Broadcast | { readonly kind: 'end' };

export type FailureOnWire = {
  readonly code: string | null;
  readonly context: Readonly<Record<string, string | number | boolean>>;
  readonly system: string;
  readonly message: string;
  readonly stack: string;
};

export type FromWorker =
  | { readonly kind: 'done'; readonly ticket: number; readonly output: unknown }
  | { readonly kind: 'failed'; readonly ticket: number; readonly failure: FailureOnWire }
  | { readonly kind: 'event'; readonly event: unknown };

/** A value with buffers that change hands instead of being copied. */
export class Handover<T> {
  readonly value: T;
  readonly transfer: readonly ArrayBuffer[];
  constructor(value: T, transfer: readonly ArrayBuffer[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

export type Emit = (event: unknown, transfer?: readonly ArrayBuffer[]) => void;

/** One worker's side: what it can do, made once per worker from the pool's data, as soon as that is known. */
export type Labour = {
  readonly jobs: Readonly<Record<string, (input: never) => unknown>>;
  hear(message: unknown): void;
  end(): void;
};
export type MakeLabour<Data> = (data: Data, worker: number, emit: Emit) => Labour | Promise<Labour>;
