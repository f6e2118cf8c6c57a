import { CofferError } from '../../../base/index.ts';
import type { Source, SourceRules, SourceState } from '../../../contract/index.ts';
import { formatBytes } from '../../text/figures.ts';
import { sourceJson } from '../agent/json.ts';
import { namingOf, shownPath } from '../agent/naming.ts';
import { rowLines } from '../agent/rows.ts';
import { sourceRow } from '../agent/state-rows.ts';
import { sayWhenAlone, withAgent } from '../agent/with-agent.ts';
import type { Run } from '../commands.ts';
import { rulesOf } from './rules.ts';

export const add: Run<'sources add'> = async (session, call) => {
  const { host, output } = session;
  const paths = call.arguments.map(session.fullPath);
  // Before anything is added: all of the paths, or none.
  for (const path of paths) {
    if (!host.isThere(path)) throw new CofferError('source.notFound', { path });
  }
  const chosen = await rulesOf(session, call.options, 'sources add');
  const rules: SourceRules = {
    ...chosen,
    patterns: chosen?.patterns ?? [],
    presets: chosen?.presets ?? [],
    cacheDirTag: !call.options['no-cachedir-tag'],
    oneFileSystem: !call.options['cross-filesystems'],
  };
  return await withAgent(session, { alone: true }, async (agent) => {
    const added: Source[] = [];
    for (const path of paths) added.push(await agent.api.addSource({ path, rules }));
    for (const { path } of added) output.say(`${output.style.safe('Added.')} ${shownPath(session, path)}`);
    if (output.json) await output.items(added, { json: (source) => source, row: () => '' });
    const places = await agent.api.listPlaces();
    if (places.length === 0) output.say('  Now say where to save it: coffer places add /mnt/disk/vault');
    else sayWhenAlone(session, agent);
    return 'done';
  });
};

export const remove: Run<'sources remove'> = async (session, { arguments: [typed = ''] }) => {
  const { output } = session;
  return await withAgent(session, { alone: true }, async ({ api }) => {
    const source = await api.removeSource({ path: session.fullPath(typed) });
    output.object(source);
    output.say(`Removed. ${shownPath(session, source.path)} is not protected any more; what was saved of it is kept.`);
    return 'done';
  });
};

export const list: Run<'sources list'> = async (session) => {
  const { output } = session;
  return await withAgent(session, { alone: true }, async ({ api }) => {
    const [sources, state] = await Promise.all([api.listSources(), api.state()]);
    if (sources.length === 0) output.say('No folder is chosen yet. Choose one: coffer sources add ~/Documents');
    const naming = namingOf(session, state);
    const known = sources.map(({ id, path, rules }): SourceState & Pick<Source, 'rules'> => ({
      // One that was added a moment ago the state may not have yet.
      ...(state.sources.find((source) => source.id === id) ?? unseen),
      ...{ id, path, rules },
    }));
    if (output.json) {
      await output.items(known, {
        json: (source) => ({ ...sourceJson(source, naming), rules: source.rules }),
        row: () => '',
      });
    }
    const rows = known.map((source) => ({ ...sourceRow(source, null, naming), below: ruleLines(source.rules) }));
    for (const line of rowLines(null, rows, output)) output.row(line);
    return 'done';
  });
};

const unseen = { standing: 'waiting', reason: null, watching: 'off' } as const;

function ruleLines({ patterns, presets, cacheDirTag, oneFileSystem, sizeMax, ageMaxDays }: SourceRules): string[] {
  const parts = [
    patterns.length === 0 ? '' : `patterns ${patterns.join(' ')}`,
    presets.length === 0 ? '' : `presets ${presets.join(', ')}`,
    sizeMax === undefined ? '' : `larger than ${formatBytes(sizeMax)}`,
    ageMaxDays === undefined ? '' : `older than ${ageMaxDays} days`,
    cacheDirTag ? '' : 'but keeps folders marked as caches',
    oneFileSystem ? '' : 'enters other file systems',
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [`rules: ${parts.join(' · ')}`];
}
