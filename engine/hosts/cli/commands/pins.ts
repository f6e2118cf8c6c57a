import { CofferError, type ExitName } from '../../../base/index.ts';
import type { SnapshotId, Vault } from '../../engine.ts';
import { countOf } from '../../text/figures.ts';
import type { Run } from '../commands.ts';
import type { Session } from '../session.ts';
import { usageError } from '../usage.ts';

export const pin: Run<'pin'> = async (session, { arguments: named, options }) => {
  const { engine, output } = session;
  return await session.withVault('write', async (vault) => {
    const chosen = chosenFrom(session, vault, named);
    await engine.changeSnapshots(vault, 'pin', chosen, options.reason ?? '');
    output.object({ pinned: chosen });
    output.say(`${output.style.safe('Pinned.')} No rule lets ${chosen.length === 1 ? 'it' : 'them'} go.`);
    return 'done';
  });
};

export const unpin: Run<'unpin'> = async (session, { arguments: named }) => {
  const { engine, output } = session;
  return await session.withVault('write', async (vault) => {
    const chosen = chosenFrom(session, vault, named);
    await engine.changeSnapshots(vault, 'unpin', chosen, '');
    output.object({ unpinned: chosen });
    output.say('Done. Rules decide about it again.');
    return 'done';
  });
};

function chosenFrom({ engine }: Session, vault: Vault, named: readonly string[]): SnapshotId[] {
  return [...new Set(named.map((text) => engine.findSnapshot(vault, text).id))];
}

export const unforget: Run<'unforget'> = async (session, { arguments: named, options }) => {
  if (options.all && named.length > 0) throw usageError('Give --all or snapshots, not both.', 'unforget');
  return await session.withVault('write', async (vault) => bringBack(session, vault, named, options.all));
};

async function bringBack(
  { engine, output, signal }: Session,
  vault: Vault,
  named: readonly string[],
  all: boolean,
): Promise<ExitName> {
  const listed = await engine.listForgotten(vault, signal);
  const there = listed.filter(({ snapshot }) => snapshot !== null).map(({ id }) => id);
  const wanted = all ? there : named.length > 0 ? named.map((text) => forgottenBy(text, there)) : await lastOf(vault);
  const chosen = [...new Set(wanted)];
  const notices = chosen.length > 0 ? await engine.changeSnapshots(vault, 'unforget', chosen, '') : [];
  output.object({ broughtBack: chosen });
  if (chosen.length > 0) output.say(`${output.style.safe('Back.')} ${countOf(chosen.length, 'snapshot')} shown again.`);
  else if (there.length === 0) output.say('Nothing is forgotten that could come back.');
  else output.say('This computer forgot nothing. What others forgot: coffer snapshots --forgotten');
  for (const notice of notices) output.note(notice);
  return 'done';

  async function lastOf(of: Vault): Promise<SnapshotId[]> {
    return (await engine.lastForgotten(of)).filter((id) => there.includes(id));
  }
}

function forgottenBy(text: string, there: readonly SnapshotId[]): SnapshotId {
  const wanted = text.toLowerCase();
  const [found, other] = wanted === '' ? [] : there.filter((id) => id.startsWith(wanted));
  if (found === undefined) throw new CofferError('forgotten.notFound', { snapshot: text });
  if (other !== undefined) throw new CofferError('snapshot.ambiguous', { snapshot: text });
  return found;
}
