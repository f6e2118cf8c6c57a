import type { Wire } from './wire.ts';

/**
 * What carries values between two threads or processes: a MessagePort of Node, or Electron's ports (whose listeners are given
 * an event with the value in `data`). Its other users are not disturbed: what is ours goes in an envelope.
 */
export type Port = {
  postMessage(value: unknown): void;
  on(event: 'message' | 'close', hear: (value?: unknown) => void): unknown;
  off(event: 'message' | 'close', hear: (value?: unknown) => void): unknown;
  /** Ports of Electron hold back what arrives until then. */
  start?(): void;
  /** Left out where the port serves other ends too. */
  close?(): void;
  /** Whether what was posted waits to leave, where the port can tell. */
  readonly isBusy?: boolean;
  /** Told when it is no longer busy. */
  onDrained?(hear: () => void): void;
};

type Envelope = {
  /** Null says goodbye, which not every kind of port does by itself. */
  readonly agentMessage: unknown;
};

const isEnvelope = (value: unknown): value is Envelope =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'agentMessage');

function envelopeIn(value: unknown): Envelope | null {
  if (isEnvelope(value)) return value;
  const inner = typeof value === 'object' && value !== null && 'data' in value ? value.data : null;
  return isEnvelope(inner) ? inner : null;
}

/** A port carries one connection at a time. */
export function wireOverPort(port: Port): Wire {
  let isOpen = true;
  let whenClosed = (): void => {};
  let hear = (_message: unknown): void => {};

  const post = (agentMessage: unknown): void => port.postMessage({ agentMessage } satisfies Envelope);
  const onMessage = (value: unknown): void => {
    const envelope = envelopeIn(value);
    if (envelope === null) return;
    if (envelope.agentMessage === null) shut();
    else hear(envelope.agentMessage);
  };

  function shut(): void {
    if (!isOpen) return;
    isOpen = false;
    port.off('message', onMessage);
    port.off('close', shut);
    port.close?.();
    whenClosed();
  }

  return {
    send(message) {
      if (isOpen) post(message);
    },
    get isBusy() {
      return port.isBusy ?? false;
    },
    start(ears) {
      hear = ears.message;
      whenClosed = ears.closed;
      port.on('message', onMessage);
      port.on('close', shut);
      port.onDrained?.(ears.drained);
      port.start?.();
    },
    close() {
      // Who was told goodbye does not say it too: by then the port may carry the next connection.
      if (isOpen) post(null);
      shut();
    },
  };
}
