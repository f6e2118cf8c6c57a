import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { errorsFile, errorsManual } from '../../../build/tools/errors.ts';
import { catalogue, exitCodes } from '../../../engine/base/index.ts';

describe('docs/ERRORS.md', () => {
  test('is what the catalogue says (else: node build/tools/run.mjs build/tools/errors.ts)', () => {
    expect(readFileSync(errorsFile, 'utf8')).toBe(errorsManual());
  });

  test('has every code once as a heading, with its exit code', () => {
    const sections = errorsManual().split('\n## ').slice(1);
    expect(sections.map((section) => section.split('\n')[0])).toEqual(Object.keys(catalogue));
    for (const [at, { exit }] of Object.values(catalogue).entries()) {
      expect(sections[at]).toContain(`\n- Exit code: ${exitCodes[exit]}`);
    }
  });

  test('links from the table lead to headings', () => {
    const manual = errorsManual();
    const anchors = [...manual.matchAll(/^## (.*)$/gm)].map(([, code = '']) => code.toLowerCase().replaceAll('.', ''));
    const links = [...manual.matchAll(/\(#([^)]*)\)/g)].map(([, anchor]) => anchor);
    expect(links.toSorted()).toEqual(anchors.toSorted());
  });

  test('shows what is filled in as code', () => {
    expect(errorsManual()).toContain('There is no vault at `{store}`.');
  });
});
