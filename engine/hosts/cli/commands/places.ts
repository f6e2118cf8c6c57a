import type { Place, PlaceState } from '../../../contract/index.ts';
import { countOf, formatBytes } from '../../text/figures.ts';
import { shellWord } from '../../text/names.ts';
import { placeJson } from '../agent/json.ts';
import { namingOf, shownPath } from '../agent/naming.ts';
import { rowLines } from '../agent/rows.ts';
import { withSecretOrNew } from '../agent/secret.ts';
import { placeRow } from '../agent/state-rows.ts';
import { sayWhenAlone, withAgent } from '../agent/with-agent.ts';
import type { Run } from '../commands.ts';
import { showPhrase } from './init.ts';

export const add: Run<'places add'> = async (session, { arguments: [typed = ''] }) => {
  const { output } = session;
  const store = session.fullStore(typed);
  return await withAgent(session, { alone: true }, async (agent) => {
    const { byPhrase, ...added } = await withSecretOrNew(session, store, async (secret) => ({
      ...(await agent.api.addPlace({ url: store, ...secret })),
      byPhrase: 'phrase' in secret,
    }));
    const { id, url, vault, phrase, secretKept } = added;
    const created = phrase !== null;
    output.object({ id, url, vault, created, recoveryPhrase: phrase, secretKept });
    const shown = shownPath(session, url);
    output.say(
      created
        ? `${output.style.safe('The vault is made.')} It is at ${shown}`
        : `${output.style.safe('Added.')} The vault at ${shown} is opened.`,
    );
    if (phrase !== null) showPhrase(output, phrase);
    if (!secretKept) {
      const why = byPhrase ? 'The recovery phrase is kept nowhere' : 'This computer has nowhere to keep the passphrase';
      output.note(`${why}: after a restart the place waits for coffer places unlock ${shellWord(url)}`);
    }
    const sources = await agent.api.listSources();
    if (sources.length === 0) output.say('  Now say what to protect: coffer sources add ~/Documents');
    else sayWhenAlone(session, agent);
    return 'done';
  });
};

export const remove: Run<'places remove'> = async (session, { arguments: [typed = ''] }) => {
  const { output } = session;
  return await withAgent(session, { alone: true }, async ({ api }) => {
    const { id, url, vault } = await api.removePlace({ url: session.fullStore(typed) });
    output.object({ id, url, vault });
    output.say(`Removed. Nothing is saved to ${shownPath(session, url)} any more; the vault there is kept.`);
    return 'done';
  });
};

export const list: Run<'places list'> = async (session) => {
  const { output } = session;
  return await withAgent(session, { alone: true }, async ({ api }) => {
    const [places, state] = await Promise.all([api.listPlaces(), api.state()]);
    if (places.length === 0) output.say('There is no place yet. Add one: coffer places add /mnt/disk/vault');
    const naming = namingOf(session, state);
    const known = places.map((place) => ({
      ...unseen,
      ...state.places.find(({ id }) => id === place.id),
      ...of(place),
    }));
    if (output.json) await output.items(known, { json: (place) => placeJson(place, naming), row: () => '' });
    const rows = known.map((place) => ({ ...placeRow(place, null, naming), below: holds(place) }));
    for (const line of rowLines(null, rows, output)) output.row(line);
    return 'done';
  });
};

const of = ({ id, url, vault }: Place): Pick<Place, 'id' | 'url' | 'vault'> => ({ id, url, vault });

/** A place that was added a moment ago and is not in the state yet. */
const unseen = {
  ...({ standing: 'waiting', reason: null, protectedMs: null, snapshot: null } as const),
  ...{ files: 0, bytes: 0, uploads: { objects: 0, bytes: 0, parked: 0 } },
};

function holds({ snapshot, files, bytes, uploads }: PlaceState): string[] {
  return [
    ...(snapshot === null ? [] : [`holds ${countOf(files, 'file')}, ${formatBytes(bytes)}`]),
    ...(uploads.objects === 0 ? [] : [`${formatBytes(uploads.bytes)} on this computer still to be sent there`]),
  ];
}
