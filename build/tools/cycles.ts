/** One circle for every knot of files that reach each other, each as short as it can be, starting at its first name. */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const knotted = new Set<string>();
  const cycles: string[][] = [];
  for (const start of [...edges.keys()].sort()) {
    if (knotted.has(start)) continue;
    const cycle = shortestWayBack(start, edges);
    if (cycle === undefined) continue;
    cycles.push(cycle);
    for (const file of cycle) knotted.add(file);
  }
  return cycles;
}

function shortestWayBack(start: string, edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const next of edges.get(file) ?? []) {
      if (next === start) return trace(file, cameFrom);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return undefined;
}

function trace(last: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [last];
  for (let file = cameFrom.get(last); file !== undefined; file = cameFrom.get(file)) way.unshift(file);
  return way;
}
