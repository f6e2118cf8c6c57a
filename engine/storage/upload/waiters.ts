/** Those who wait for something to become true of a state that others change. */
export type Waiters = {
  /** Rejects with the reason of the signal, or with the error that closed it. */
  until(isTrue: () => boolean, signal?: AbortSignal): Promise<void>;
  /** The state has changed. */
  look(): void;
  /** The first error counts: everybody hears it, also who comes later. */
  close(error: unknown): void;
  readonly isClosed: boolean;
};

export function createWaiters(): Waiters {
  const waiting = new Set<() => void>();
  let closed: { readonly error: unknown } | null = null;
  return {
    until: (isTrue, signal) =>
      new Promise((resolve, reject) => {
        const end = (settle: () => void): void => {
          waiting.delete(look);
          signal?.removeEventListener('abort', abort);
          settle();
        };
        const abort = (): void => end(() => reject(signal?.reason));
        const look = (): void => {
          try {
            if (closed !== null) throw closed.error;
            if (isTrue()) end(resolve);
          } catch (error) {
            end(() => reject(error));
          }
        };
        if (signal?.aborted) return reject(signal.reason);
        waiting.add(look);
        signal?.addEventListener('abort', abort, { once: true });
        look();
      }),
    look() {
      for (const look of [...waiting]) look();
    },
    close(error) {
      closed ??= { error };
    },
    get isClosed() {
      return closed !== null;
    },
  };
}
