import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../base/index.ts';
import { failureToWire } from './failure.ts';
import { type Pace, restAfter, takePace } from './pace.ts';
import { type Emit, type FromWorker, Handover, type Labour, type MakeLabour, type ToWorker } from './protocol.ts';

/** The whole of a worker's entry file: `serve(makeLabour)`. Jobs of one worker run one after another, in order. */
export async function serve<Data>(makeLabour: MakeLabour<Data>): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('serve() belongs into a worker thread');
  const post = (message: FromWorker, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, [...transfer]);
  const emit: Emit = (event, transfer) => post({ kind: 'event', event }, transfer);
  const { worker, pace } = workerData as { worker: number; pace: Pace }; // set by createPool
  const { promise: labour, resolve: settle } = Promise.withResolvers<Labour>();
  let turn = takePace(pace);
  let isSetUp = false;
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'setup') {
      isSetUp = true;
      const made = Promise.resolve(message.data as Data).then((data) => makeLabour(data, worker, emit)); // createPool's own
      made.catch(() => {}); // every job hears of it
      return settle(made);
    }
    turn = turn.then(async () => {
      if (message.kind === 'end') {
        if (isSetUp) (await labour).end();
        port.close();
      } else if (message.kind === 'broadcast') {
        (await labour).hear(message.message);
      } else {
        const beganMs = systemClock.monotonic();
        try {
          const { output, transfer } = await perform(await labour, message.name, message.input);
          post({ kind: 'done', ticket: message.ticket, output }, transfer);
        } catch (error) {
          post({ kind: 'failed', ticket: message.ticket, failure: failureToWire(error) });
        }
        const restMs = restAfter(pace, systemClock.monotonic() - beganMs);
        if (restMs > 0) await systemClock.sleep(restMs);
      }
    });
  });
}

export async function perform(
  labour: Awaited<ReturnType<MakeLabour<unknown>>>,
  name: string,
  input: unknown,
): Promise<{ output: unknown; transfer: readonly ArrayBuffer[] }> {
  const job = labour.jobs[name];
  if (job === undefined) throw new Error(`no job ${name}`);
  const output = await job(input as never); // the caller's Jobs type ties names to inputs
  return output instanceof Handover ? { output: output.value, transfer: output.transfer } : { output, transfer: [] };
}
