import { CofferError } from '../base/index.ts';
import type { AgentMethod } from './agent-api.ts';
import { type ArgumentOf, methods } from './schemas.ts';
import { complaintOf } from './shape.ts';

/** One call, checked: the method and the argument that belongs to it. */
export type Call = {
  readonly [Method in AgentMethod]: { readonly method: Method; readonly argument: ArgumentOf<Method> };
}[AgentMethod];

/** The call, or `agent.badCall`. Of the argument the error repeats nothing: it may be a passphrase. */
export function checkCall(method: unknown, argument: unknown): Call {
  if (!isMethod(method)) throw new CofferError('agent.badCall', { method: 'unknown', detail: 'no such method' });
  const detail = complaintOf(methods[method], argument);
  if (detail !== null) throw new CofferError('agent.badCall', { method, detail });
  // The shape of this method has just said so; SchemasAgree says that it speaks of the same type.
  return { method, argument } as Call;
}

const isMethod = (method: unknown): method is AgentMethod =>
  typeof method === 'string' && Object.hasOwn(methods, method);
