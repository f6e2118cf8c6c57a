import { CofferError, catalogue, type ErrorCode, type ErrorContext } from '../../base/index.ts';
import type { AgentEvents } from '../../contract/index.ts';

/**
 * What a face and the agent say to each other.
 *
 *     face   hello · call · listen · ignore
 *     agent  hello · answer · event
 *
 * The face greets first, and the agent greets back; a greeting is read by all versions for ever, so that those who do not
 * understand each other can still say so. Nothing is believed of what arrives: each side reads field by field.
 */
export const protocol = 1;

export type EventName = keyof AgentEvents;
export type Failure = { readonly code: string; readonly context: ErrorContext };

export type FaceHello = { readonly kind: 'hello'; readonly protocol: number; readonly version: string };

/** What a face says once it has been greeted. */
export type Request =
  | { readonly kind: 'call'; readonly id: number; readonly method: unknown; readonly argument: unknown }
  | { readonly kind: 'listen'; readonly id: number; readonly event: EventName }
  | { readonly kind: 'ignore'; readonly id: number };

export type FromFace = FaceHello | Request;

export type FromAgent =
  | { readonly kind: 'hello'; readonly protocol: number; readonly version: string; readonly processId: number }
  | { readonly kind: 'answer'; readonly id: number; readonly result: unknown; readonly error: Failure | null }
  | { readonly kind: 'event'; readonly id: number; readonly value: unknown };

const eventNames: Readonly<Record<EventName, true>> = { state: true, activity: true };

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields | null =>
  // Any object can be asked for any field.
  typeof value === 'object' && value !== null ? (value as Fields) : null;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isVersion = (value: unknown): value is string => typeof value === 'string' && value.length <= 100;
const isEvent = (value: unknown): value is EventName => typeof value === 'string' && Object.hasOwn(eventNames, value);

/** Null when it is none. What a call carries is checked by the contract. */
export function readFromFace(message: unknown): FromFace | null {
  const fields = fieldsOf(message);
  if (fields === null) return null;
  const { kind, id, protocol, version, event, method, argument } = fields;
  if (kind === 'hello') return isCount(protocol) && isVersion(version) ? { kind, protocol, version } : null;
  if (!isCount(id)) return null;
  if (kind === 'call') return { kind, id, method, argument };
  if (kind === 'listen') return isEvent(event) ? { kind, id, event } : null;
  return kind === 'ignore' ? { kind, id } : null;
}

/** Null when it is none. */
export function readFromAgent(message: unknown): FromAgent | null {
  const fields = fieldsOf(message);
  if (fields === null) return null;
  const { kind, id, protocol, version, processId, result, error, value } = fields;
  if (kind === 'hello') {
    const isHello = isCount(protocol) && isVersion(version) && isCount(processId);
    return isHello ? { kind, protocol, version, processId } : null;
  }
  if (!isCount(id)) return null;
  if (kind === 'event') return { kind, id, value };
  return kind === 'answer' ? { kind, id, result, error: readFailure(error) } : null;
}

function readFailure(error: unknown): Failure | null {
  const fields = fieldsOf(error);
  if (fields === null) return null;
  const context = Object.entries(fieldsOf(fields['context']) ?? {}).filter(
    (entry): entry is [string, string | number | boolean] => ['string', 'number', 'boolean'].includes(typeof entry[1]),
  );
  return { code: String(fields['code']), context: Object.fromEntries(context) };
}

/** Errors cross as code and context; a mistake of ours as no more than the fact, since stacks and messages may tell secrets. */
export function failureOf(error: unknown): Failure {
  return error instanceof CofferError
    ? { code: error.code, context: error.context }
    : { code: 'agent.fault' satisfies ErrorCode, context: {} };
}

export function errorOf({ code, context }: Failure): CofferError {
  const isKnown = Object.hasOwn(catalogue, code);
  // Its codes are the keys of the catalogue.
  return isKnown ? new CofferError(code as ErrorCode, context) : new CofferError('agent.otherError', { error: code });
}
