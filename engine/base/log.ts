/** Where the engine says what it does, for people who look for a fault. Never secrets, never file contents. */
export type Log = {
  debug(message: string, context?: Readonly<Record<string, unknown>>): void;
  warn(message: string, context?: Readonly<Record<string, unknown>>): void;
};

export const silentLog: Log = { debug: () => {}, warn: () => {} };
