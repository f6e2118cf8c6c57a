import { describe, expect, test } from 'vitest';
import { terminalPicture } from '../../../build/tools/terminal-picture.ts';

const picture = (text: string): string => terminalPicture(text, { title: 'A test' });
const textsOf = (svg: string): string[] => [...svg.matchAll(/<text .*?<\/text>/g)].map(([text]) => text);

describe('the picture of a terminal', () => {
  test('sets a typed line apart from what was answered', () => {
    const [typed, answered] = textsOf(picture('$ coffer stats\nsnapshots  2\n'));
    expect(typed).toContain('<tspan x="20" class="quiet">$</tspan>');
    expect(typed).toContain('class="strong">coffer stats</tspan>');
    expect(answered).toBe('<text y="54"><tspan x="20">snapshots</tspan><tspan x="113.5">2</tspan></text>');
  });

  test('turns colours into classes', () => {
    const [line] = textsOf(picture('\x1b[32mProtected.\x1b[39m 3 files\n'));
    expect(line).toContain('<tspan x="20" class="safe">Protected.</tspan><tspan x="113.5">3 files</tspan>');
  });

  test('refuses a colour that it does not know', () => {
    expect(() => picture('\x1b[35mviolet\x1b[39m')).toThrow('a colour that the picture does not know: 35');
  });

  test('shows what was left standing of a line that was written over', () => {
    const [line, ...others] = textsOf(picture('\r  scanning 12 files\x1b[K\r\x1b[KProtected.\r\n'));
    expect(line).toContain('>Protected.<');
    expect(others).toEqual([]);
  });

  test('keeps empty lines as room and leaves out those at the end', () => {
    const svg = picture('one\n\ntwo\n\n\n');
    expect(textsOf(svg).map((text) => /y="(\d+)"/.exec(text)?.[1])).toEqual(['34', '74']);
    expect(svg).toContain('height="100"');
  });

  test('keeps names from becoming markup', () => {
    expect(picture('a <b> & c')).toContain('a &lt;b&gt; &amp; c');
    expect(terminalPicture('', { title: '<t>' })).toContain('<title>&lt;t&gt;</title>');
  });

  test('is as wide as its longest line, and has colours for light and dark', () => {
    expect(picture('x'.repeat(100))).toContain('width="890"');
    expect(picture('x')).toContain('width="652"');
    expect(picture('x')).toContain('prefers-color-scheme: dark');
  });
});
