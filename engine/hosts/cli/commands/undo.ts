import { CofferError } from '../../../base/index.ts';
import type { RestoreRecord } from '../../engine.ts';
import { countOf } from '../../text/figures.ts';
import { shortName } from '../../text/names.ts';
import { formatTime, isoTime } from '../../text/times.ts';
import type { Run } from '../commands.ts';
import { linesByReason } from '../failure-lines.ts';

export const undo: Run<'undo'> = async ({ engine, ports, output }, { arguments: [typed], options }) => {
  const records = await engine.listRestores(ports);
  if (options.list) {
    if (records.length === 0) output.say('There is no restore to undo.');
    await output.items(records, {
      json: ({ id, at, target, files }) => ({ id, at: isoTime(at), target, files }),
      row: ({ id, at, target, files }) =>
        `${shortName(id)}  ${formatTime(at)}  ${countOf(files, 'file').padStart(14)}  ${target === null ? 'where the files were' : output.path(target)}`,
    });
    return 'done';
  }
  const { id } = chosenFrom(records, typed);
  const { removed, putBack, kept } = await engine.undoRestore(ports, id);
  output.object({ id, removed, putBack, kept });
  output.say(
    `${output.style.safe('Taken back.')} ${countOf(removed, 'file')} removed, ${countOf(putBack, 'file')} put back`,
  );
  for (const line of linesByReason('kept', kept, output)) output.row(line);
  return 'done';
};

function chosenFrom(records: readonly RestoreRecord[], typed: string | undefined): RestoreRecord {
  const [newest] = records;
  if (newest === undefined) throw new CofferError('undo.none');
  if (typed === undefined) return newest;
  const [found, another] = records.filter(({ id }) => id.startsWith(typed.toLowerCase()));
  if (found === undefined || another !== undefined) throw new CofferError('undo.unknown', { restore: typed });
  return found;
}
