/** A function whose code is loaded when it is first called: what one command needs costs the others nothing. */
export function later<Args extends readonly unknown[], Result>(
  load: () => Promise<(...args: Args) => Result | Promise<Result>>,
): (...args: Args) => Promise<Result> {
  return async (...args) => await (await load())(...args);
}

/** The same for what yields one thing after another. */
export function laterEach<Args extends readonly unknown[], Item>(
  load: () => Promise<(...args: Args) => AsyncGenerator<Item>>,
): (...args: Args) => AsyncGenerator<Item> {
  return async function* (...args) {
    yield* (await load())(...args);
  };
}
