/** Lets so many of the works that it is given go on at a time; the others wait for their turn, in their order. */
export type AtMost = <T>(work: () => Promise<T>) => Promise<T>;

export function atMost(count: number): AtMost {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Whoever is next takes the place over, so that nobody comes in between.
      if (next === undefined) free++;
      else next();
    }
  };
}
