/** What carries whole messages between a face and the agent. The protocol above knows nothing else of how they travel. */
export type Wire = {
  /** Does nothing once closed. Throws `agent.tooLarge` for what does not fit. */
  send(message: unknown): void;
  /** True while what was sent waits to leave: what can wait should. */
  readonly isBusy: boolean;
  /** Called once, before anything arrives. */
  start(ears: WireEars): void;
  /** What was sent before still leaves. */
  close(): void;
};

export type WireEars = {
  message(message: unknown): void;
  /** What waited has left. */
  drained(): void;
  /** By either side, or since the other sent what is no message at all. Called once. */
  closed(): void;
};
