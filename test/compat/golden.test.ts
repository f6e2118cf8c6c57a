import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bareComputer, type Computer, computerAt } from '../support/coffer.ts';
import { hasProgram } from '../support/outside.ts';
import { makeGolden } from './make-golden.ts';
import { type Listed, manifestOf } from './manifest.ts';

/** Row 20: what any released version wrote, and what this one writes, restores the same for ever, by both programs. */

type Note = {
  readonly passphrase: string;
  readonly recoveryPhrase: string;
  readonly snapshots: Readonly<
    Record<string, { readonly source: string; readonly entries: Readonly<Record<string, Listed>> }>
  >;
};

const golden = join(import.meta.dirname, 'golden');
const released = existsSync(golden)
  ? readdirSync(golden).filter((name) => existsSync(join(golden, name, 'manifest.json')))
  : [];
const fresh = join(tmpdir(), `coffer-fresh-${process.pid}`);

beforeAll(() => makeGolden(fresh));
afterAll(() => rmSync(fresh, { recursive: true, force: true }));

describe.each([...released.map((name) => [name, join(golden, name)]), ['written just now', fresh]])(
  'the vault %s',
  (_, folder = '') => {
    let computer: Computer;
    let note: Note;

    beforeAll(() => {
      // The file that make-golden.ts wrote.
      note = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Note;
      const bare = bareComputer('coffer-compat');
      // A copy, so that no test can ever touch the golden one.
      cpSync(join(folder, 'vault'), bare.store, { recursive: true });
      computer = computerAt({ ...bare, phrase: note.recoveryPhrase });
    });
    afterAll(() => computer.remove());

    test('opens by its passphrase and by its phrase, and is whole', async () => {
      const opened = await computer.coffer(['snapshots', '--json'], {
        environment: { COFFER_PHRASE: undefined, COFFER_PASSPHRASE: note.passphrase },
      });
      expect((JSON.parse(opened.out) as { id: string }[]).map(({ id }) => id)).toEqual(Object.keys(note.snapshots));
      expect(await computer.json(['check', '--read-data'])).toMatchObject({ whole: true, findings: [] });
    });

    test('restores with Coffer as it was written down', async () => {
      for (const [id, { source, entries }] of Object.entries(note.snapshots)) {
        const target = computer.at(id.slice(0, 8));
        expect(await computer.json(['restore', id, '--target', target])).toMatchObject({ failed: 0, remarks: [] });
        expect(manifestOf(join(target, source))).toEqual(entries);
      }
    });

    test('restores with the stand-alone tool as it was written down', async (context) => {
      if (!hasProgram('setfattr')) context.skip('setfattr is not installed here, and the tool sets attributes with it');
      for (const [id, { source, entries }] of Object.entries(note.snapshots)) {
        const target = computer.at(`alone ${id.slice(0, 8)}`);
        mkdirSync(target);
        const ran = await computer.standAlone(['--target', target, '--xattrs', id]);
        expect(ran.exit, ran.err).toBe(0);
        expect(manifestOf(join(target, source))).toEqual(entries);
      }
    });

    test('takes a new snapshot on top of the old ones', async () => {
      const [first] = Object.keys(note.snapshots);
      expect(await computer.json(['backup', computer.at((first ?? '').slice(0, 8))])).toMatchObject({ failed: 0 });
      expect(await computer.json(['check', '--read-data'])).toMatchObject({ whole: true });
    });
  },
);
