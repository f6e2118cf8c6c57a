import type { Fault, FaultPlan, StoreOperation } from './faults.ts';

/** The n-th call (from 1), of one kind where one is named. */
export function nthCall(nth: number, fault: Fault, operation?: StoreOperation): FaultPlan {
  let seen = 0;
  return (call) => {
    if (operation !== undefined && call.operation !== operation) return null;
    seen += 1;
    return seen === nth ? fault : null;
  };
}

/** Every call of one kind. */
export function everyCall(fault: Fault, operation?: StoreOperation): FaultPlan {
  return (call) => (operation === undefined || call.operation === operation ? fault : null);
}

/** A plan for some kinds of calls; the others are neither asked about nor counted. */
export function only(operations: readonly StoreOperation[], plan: FaultPlan): FaultPlan {
  return (call) => (operations.includes(call.operation) ? plan(call) : null);
}

/** Full from the given byte on: what would go beyond it is refused. */
export function fullAfter(bytes: number): FaultPlan {
  return (call) => {
    const grows = call.operation === 'put' || call.operation === 'adopt';
    return grows && call.bytesBefore + call.bytes > bytes ? { kind: 'fail', code: 'store.full' } : null;
  };
}

export type SeededFaults = {
  readonly seed: number;
  /** Between 0 and 1: how many of the calls. */
  readonly share: number;
  /** One of them is drawn for each call that fails. */
  readonly faults: readonly Fault[];
};

/** The same seed gives the same faults to the same calls. */
export function seededFaults({ seed, share, faults }: SeededFaults): FaultPlan {
  const draw = drawsOf(seed);
  return () => {
    const [hit, which] = [draw(), draw()];
    return hit < share ? (faults[Math.floor(which * faults.length)] ?? null) : null;
  };
}

/** The first plan that has something decides; all are asked, so that each counts every call. */
export function firstOf(...plans: readonly FaultPlan[]): FaultPlan {
  return (call) => plans.map((plan) => plan(call)).find((fault) => fault !== null) ?? null;
}

/** mulberry32: small, and good enough to spread faults. */
function drawsOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
