/** Ends a listing with the signal's reason; for engine calls that only read and take no signal. */
export async function* untilStopped<Item>(items: AsyncIterable<Item>, signal: AbortSignal): AsyncIterable<Item> {
  for await (const item of items) {
    signal.throwIfAborted();
    yield item;
  }
}

/** The same for a single answer: stops waiting for it. */
export async function unlessStopped<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
