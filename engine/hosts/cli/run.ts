import { type ExitName, exitCodes, isCofferError } from '../../base/index.ts';
import { reportError } from './faults.ts';
import { helpText } from './help.ts';
import { homeOf } from './home.ts';
import type { Host } from './host.ts';
import { loaders } from './loaders.ts';
import { createOutput, type Output } from './output.ts';
import { type Call, type Parsed, parseCommandLine, wantsJson } from './parse.ts';
import { createRecentLog, type RecentLog } from './recent-log.ts';
import type { BareSession, Session } from './session.ts';
import { specOf } from './table/index.ts';

/**
 * One command line from its words to its exit code.
 *
 *     parse ─► help or version: said without the engine
 *          └─► call: session (engine, ports, secrets) ─► the command's own file ─► exit code
 *     every error ─► faults.ts ─► three sentences and an exit code
 */
export async function run(host: Host): Promise<number> {
  let output = createOutput(host, { json: wantsJson(host.args), quiet: false, colour: true });
  const log = createRecentLog(host.clock);
  let call: Call | null = null;
  try {
    const parsed = parseCommandLine(host.args);
    if (parsed.kind !== 'call') return exitCodes[await answer(parsed, host, output)];
    call = parsed.call;
    const { json, quiet, 'no-color': noColour } = call.globals;
    output = createOutput(host, { json, quiet, colour: !noColour });
    if (specOf(call.name).endsWithSignal !== true) sayWhenStopping(host, output);
    const exit = await Promise.race([perform(host, call, output, log), host.uncaught]);
    await output.flush();
    return exitCodes[exit];
  } catch (error) {
    const exit = await report(error, host, call, output, log);
    await output.flush().catch(() => {});
    return exitCodes[exit];
  }
}

/** Ending well takes a moment; who watches should know that it was heard. */
function sayWhenStopping(host: Host, output: Output): void {
  if (!host.err.isTerminal || output.json) return;
  const say = (): void => output.note('Stopping. Ctrl-C once more ends it at once.');
  host.signal.addEventListener('abort', say, { once: true });
}

async function perform(host: Host, call: Call, output: Output, log: RecentLog): Promise<ExitName> {
  const [{ createBareSession, createSession }, command] = await Promise.all([
    import('./session.ts'),
    loaders[call.name](),
  ]);
  // `parse` made the options from the same row of the table that the command's type is made from.
  if (specOf(call.name).bare === true) {
    const work = command as unknown as (session: BareSession, call: Call) => Promise<ExitName>;
    return await work(createBareSession(host, output, log), call);
  }
  const work = command as unknown as (session: Session, call: Call) => Promise<ExitName>;
  return await work(await createSession(host, call, output, log), call);
}

async function answer(parsed: Exclude<Parsed, { kind: 'call' }>, host: Host, output: Output): Promise<ExitName> {
  if (parsed.kind === 'version') {
    if (parsed.json) output.object({ version: host.version, node: process.versions.node, platform: host.platform });
    else output.row(`coffer ${host.version}`);
    await output.flush();
    return 'done';
  }
  const text = helpText(parsed.topic, parsed.asked ? host.out.columns : host.err.columns);
  // A script whose variable was empty must not look as if it had done something.
  await (parsed.asked ? host.out : host.err).write(text);
  return parsed.asked ? 'done' : 'usage';
}

async function report(
  error: unknown,
  host: Host,
  call: Call | null,
  output: Output,
  log: RecentLog,
): Promise<ExitName> {
  await output.flush().catch(() => {});
  const isKnown = isCofferError(error);
  return reportError(error, {
    host,
    output,
    log,
    whenCancelled: call === null ? 'cancelled.other' : specOf(call.name).whenCancelled,
    home: isKnown ? null : homeOf(host),
    command: call?.name ?? '',
  });
}
