/**
 * The agent's end of one connection.
 *
 *     greeted? ─► call: check, do, answer    (so many at once; what is beyond is refused)
 *                 listen: events as they come; while the wire is busy they wait in an outbox that does not grow
 *
 * Whoever does not keep to the protocol is cut off. Nothing that arrives can throw into the agent.
 */
import { CofferError, type Log, limits } from '../../base/index.ts';
import {
  type AgentApi,
  type AgentConnection,
  type Call,
  loadCallCheck,
  type Unsubscribe,
} from '../../contract/index.ts';
import {
  type EventName,
  type Failure,
  type FromAgent,
  failureOf,
  protocol,
  type Request,
  readFromFace,
} from './messages.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import type { Wire } from './wire.ts';

export type Greeting = {
  /** Of the program. */
  readonly version: string;
  readonly processId: number;
};

export type ServePorts = Greeting & { readonly log: Log };

type Listener = { readonly outbox: Pick<Outbox<EventName>, 'take'>; readonly unsubscribe: Unsubscribe };

type Session = {
  readonly agent: AgentConnection;
  readonly wire: Wire;
  readonly log: Log;
  readonly listeners: Map<number, Listener>;
  callsUnderWay: number;
};

/** Returns what ends the connection. The agent itself goes on. */
export function serveWire(agent: AgentConnection, wire: Wire, { log, version, processId }: ServePorts): () => void {
  const session: Session = { agent, wire, log, listeners: new Map(), callsUnderWay: 0 };
  let isGreeted = false;

  function greet(theirs: number): void {
    isGreeted = true;
    send(session, { kind: 'hello', protocol, version, processId });
    if (theirs !== protocol) wire.close();
  }

  wire.start({
    message(message) {
      const said = readFromFace(message);
      if (said !== null && said.kind === 'hello' && !isGreeted) greet(said.protocol);
      else if (said === null || said.kind === 'hello' || !isGreeted || !follow(session, said)) {
        log.debug('a face broke the protocol and was cut off');
        wire.close();
      }
    },
    drained() {
      for (const id of session.listeners.keys()) flush(session, id);
    },
    closed() {
      for (const { unsubscribe } of session.listeners.values()) unsubscribe();
      session.listeners.clear();
    },
  });
  return () => wire.close();
}

/** False for what no face of ours does. */
function follow(session: Session, said: Request): boolean {
  const { listeners } = session;
  switch (said.kind) {
    case 'call':
      void answer(session, said.id, said.method, said.argument);
      return true;
    case 'listen':
      if (listeners.has(said.id) || listeners.size >= limits.listeners) return false;
      listen(session, said.id, said.event);
      return true;
    case 'ignore':
      listeners.get(said.id)?.unsubscribe();
      listeners.delete(said.id);
      return true;
  }
}

async function answer(session: Session, id: number, method: unknown, argument: unknown): Promise<void> {
  const say = (result: unknown, error: Failure | null): void => send(session, { kind: 'answer', id, result, error });
  if (session.callsUnderWay >= limits.callsAtOnce) return say(null, failureOf(new CofferError('agent.busy')));
  session.callsUnderWay++;
  try {
    const checkCall = await loadCallCheck();
    say(await perform(session.agent.api, checkCall(method, argument)), null);
  } catch (error) {
    if (!(error instanceof CofferError)) session.log.warn('a call failed by a fault of the agent', { method, error });
    say(null, failureOf(error));
  } finally {
    session.callsUnderWay--;
  }
}

/** The argument was checked for this very method, which types cannot follow through the table. */
function perform(api: AgentApi, { method, argument }: Call): Promise<unknown> {
  const perform = api[method] as (argument: unknown) => Promise<unknown>;
  return perform.call(api, argument);
}

function listen<Event extends EventName>(session: Session, id: number, event: Event): void {
  const outbox = createOutbox(event);
  const unsubscribe = session.agent.on(event, (value) => {
    outbox.add(value);
    flush(session, id);
  });
  session.listeners.set(id, { outbox, unsubscribe });
  flush(session, id); // What was said within `on`.
}

function flush(session: Session, id: number): void {
  const listener = session.listeners.get(id);
  if (listener === undefined || session.wire.isBusy) return;
  for (const value of listener.outbox.take()) send(session, { kind: 'event', id, value });
}

/** What cannot be sent is not: an answer is then an error, an event is left out. */
function send({ wire, log }: Pick<Session, 'wire' | 'log'>, message: FromAgent): void {
  try {
    wire.send(message);
  } catch (error) {
    log.warn('a message could not be sent', { kind: message.kind, error });
    if (message.kind === 'answer') wire.send({ ...message, result: null, error: failureOf(error) } satisfies FromAgent);
  }
}
