import { type CatalogueEntry, entry } from './entry.ts';

/** What the person chose to protect, and where. */
export const choiceErrors = {
  'source.notFound': entry(
    'failed',
    'person',
    'There is no {path}.',
    'No folder was chosen, not the others given either.',
    'Check the spelling; put names with spaces in quotes.',
  ),
  'source.link': entry(
    'usage',
    'person',
    '{path} is a link.',
    'It was not chosen: the link would be saved, and nothing of what it leads to.',
    'Choose the folder that it leads to.',
  ),
  'source.own': entry(
    'usage',
    'person',
    '{path} is a vault or Coffer’s own folder.',
    'It was not chosen: a vault that holds itself would grow for ever.',
    'Choose the folders with your own files; a folder around a vault may be chosen, the vault in it is left out.',
  ),
  'source.known': entry(
    'usage',
    'person',
    '{path} is protected already.',
    'Nothing was changed.',
    'To change its rules, remove it with coffer sources remove, then add it again.',
  ),
  'source.overlaps': entry(
    'usage',
    'person',
    '{path} and {other}, which is protected already, hold one another.',
    'Nothing was changed.',
    'Protect the outer folder, and leave out by a rule what you do not want of it.',
  ),
  'source.unknown': entry(
    'usage',
    'person',
    '{path} is not among the protected folders.',
    'Nothing was changed.',
    'See: coffer sources list',
  ),
  'place.known': entry(
    'usage',
    'person',
    '{store} is a place already.',
    'Nothing was changed.',
    'See: coffer places list',
  ),
  'place.unknown': entry(
    'usage',
    'person',
    '{store} is not among the places.',
    'Nothing was changed.',
    'See: coffer places list',
  ),
} as const satisfies Record<string, CatalogueEntry>;
