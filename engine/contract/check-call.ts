import { Compile, type Validator } from 'typebox/schema';
import { CofferError } from '../base/index.ts';
import type { AgentMethod } from './agent-api.ts';
import { type ArgumentOf, methods } from './schemas.ts';

/** One call, checked: the method and the argument that belongs to it. */
export type Call = {
  readonly [Method in AgentMethod]: { readonly method: Method; readonly argument: ArgumentOf<Method> };
}[AgentMethod];

/** Compiled when first asked for: a check then takes a microsecond, and most methods are never called in one life. */
const validators = new Map<AgentMethod, Validator>();

/** The call, or `agent.badCall`. Of the argument the error repeats nothing: it may be a passphrase. */
export function checkCall(method: unknown, argument: unknown): Call {
  if (!isMethod(method)) throw new CofferError('agent.badCall', { method: 'unknown', detail: 'no such method' });
  const validator = validatorOf(method);
  if (!validator.Check(argument)) {
    throw new CofferError('agent.badCall', { method, detail: complaintOf(validator, argument) });
  }
  // The validator of this method has just said so; SchemasAgree says that it speaks of the same type.
  return { method, argument } as Call;
}

const isMethod = (method: unknown): method is AgentMethod =>
  typeof method === 'string' && Object.hasOwn(methods, method);

function validatorOf(method: AgentMethod): Validator {
  const known = validators.get(method);
  if (known) return known;
  const validator: Validator = Compile(methods[method]);
  validators.set(method, validator);
  return validator;
}

/** Letters of the complaint: names in it may have been chosen by the caller. */
const complaintLength = 200;

function complaintOf(validator: Validator, argument: unknown): string {
  const first = validator.Errors(argument)[1][0];
  const words = first === undefined ? 'is not as it must be' : `${first.instancePath} ${first.message}`;
  return words.trim().slice(0, complaintLength);
}
