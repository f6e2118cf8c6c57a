import { CofferError } from '../../base/index.ts';
import type { AgentApi, AgentConnection, AgentEvents, AgentMethod } from '../../contract/index.ts';
import { type EventName, errorOf, type FromAgent, type FromFace, protocol, readFromAgent } from './messages.ts';
import type { Wire } from './wire.ts';

type Waiting = { resolve(result: unknown): void; reject(error: CofferError): void };

/** The face's end of a connection. */
export type FaceEnd = {
  readonly connection: AgentConnection;
  /** Resolves when the agent has greeted, rejects when it is of another version or gone. */
  readonly greeted: Promise<void>;
};

/** `version` is that of this program. Calls may be made at once; they travel behind the greeting. */
export function connectWire(wire: Wire, version: string): FaceEnd {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<number, (value: unknown) => void>();
  const greeted = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  greeted.promise.catch(() => {}); // Nobody has to wait for it: calls fail with the same error.
  let lastId = 0;
  let ended: CofferError | null = null;

  const send = (message: FromFace): void => wire.send(message);

  function end(error: CofferError): void {
    if (ended !== null) return;
    ended = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    listeners.clear();
    greeted.reject(error);
    closed.resolve();
    wire.close();
  }

  function hear(said: FromAgent): void {
    if (said.kind === 'hello') {
      if (said.protocol === protocol) greeted.resolve();
      else end(new CofferError('agent.otherVersion', { agent: said.version, own: version, processId: said.processId }));
    } else if (said.kind === 'event') {
      listeners.get(said.id)?.(said.value);
    } else {
      const caller = waiting.get(said.id);
      waiting.delete(said.id);
      if (said.error === null) caller?.resolve(said.result);
      else caller?.reject(errorOf(said.error));
    }
  }

  wire.start({
    message(message) {
      const said = readFromAgent(message);
      if (said === null) end(new CofferError('agent.gone'));
      else if (ended === null) hear(said);
    },
    drained() {},
    closed: () => end(new CofferError('agent.gone')),
  });
  send({ kind: 'hello', protocol, version });

  async function call(method: AgentMethod, argument: unknown): Promise<unknown> {
    if (ended !== null) throw ended;
    const id = ++lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    send({ kind: 'call', id, method, argument });
    waiting.set(id, { resolve, reject });
    return await promise;
  }

  function listen(event: EventName, hear: (value: unknown) => void): () => void {
    if (ended !== null) return () => {};
    const id = ++lastId;
    listeners.set(id, hear);
    send({ kind: 'listen', id, event });
    return () => {
      if (listeners.delete(id)) send({ kind: 'ignore', id });
    };
  }

  const connection: AgentConnection = {
    api: apiOver(call),
    // The agent is of this protocol and of this user: its events are as the contract says.
    on: (name, hear) => listen(name, (value) => hear(value as AgentEvents[typeof name])),
    closed: closed.promise,
    async close() {
      end(new CofferError('agent.gone'));
    },
  };
  return { connection, greeted: greeted.promise };
}

function apiOver(call: (method: AgentMethod, argument: unknown) => Promise<unknown>): AgentApi {
  const method =
    <Method extends AgentMethod>(name: Method) =>
    (...[argument]: Parameters<AgentApi[Method]>) =>
      // As for events: results are as the contract says.
      call(name, argument) as ReturnType<AgentApi[Method]>;
  return {
    state: method('state'),
    settings: method('settings'),
    changeSettings: method('changeSettings'),
    addSource: method('addSource'),
    removeSource: method('removeSource'),
    listSources: method('listSources'),
    addPlace: method('addPlace'),
    removePlace: method('removePlace'),
    listPlaces: method('listPlaces'),
    unlock: method('unlock'),
    backUpNow: method('backUpNow'),
    pause: method('pause'),
    resume: method('resume'),
    why: method('why'),
    failures: method('failures'),
    activity: method('activity'),
    waitUntilSafe: method('waitUntilSafe'),
    stop: method('stop'),
  };
}
