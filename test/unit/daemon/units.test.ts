import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type UnitAsked, unitFor } from '../../../engine/hosts/daemon/units.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { hasProgram } from '../../support/outside.ts';

const asked: UnitAsked = {
  platform: 'linux',
  userHome: '/home/anna',
  user: 1000,
  environment: {},
  program: ['/opt/coffer/bin/coffer'],
  home: null,
  searchPath: '/opt/node/bin:/usr/bin:/bin',
};

describe('systemd', () => {
  test('the unit lies where the person’s units are, and starts the agent with its supervisor', () => {
    const unit = unitFor(asked);
    expect(unit.path).toBe('/home/anna/.config/systemd/user/coffer.service');
    expect(unit.text).toContain('\nExecStart="/opt/coffer/bin/coffer" "daemon" "run" "--supervised"\n');
    expect(unit.text).toContain('\nRestart=always\n');
    expect(unit.text).not.toContain('COFFER_HOME');
    expect(unitFor({ ...asked, environment: { XDG_CONFIG_HOME: '/cfg' } }).path).toMatch(/^\/cfg\/systemd\/user\//);
  });

  test('names with spaces, quotes, backslashes, % and $ stay what they are', () => {
    const { text } = unitFor({ ...asked, program: ['/a b/"c"\\d%n$e'], home: '/h %h "$x"' });
    expect(text).toContain(
      'ExecStart="/bin/sh" "-c" "exec \\"$$0\\" \\"$$@\\"" "/a b/\\"c\\"\\\\d%%n$$e" "daemon" "run" "--supervised"\n',
    );
    expect(text).toContain('Environment="COFFER_HOME=/h %%h \\"$x\\""\n');
  });

  test('systemd finds nothing wrong with it', (context) => {
    if (!hasProgram('systemd-analyze')) context.skip('needs systemd-analyze');
    for (const name of ['plain', 'a folder', '100% of "$HOME"']) {
      const folder = temporaryFolder();
      const program = join(folder, name, 'coffer');
      mkdirSync(join(program, '..'), { recursive: true });
      writeFileSync(program, '#!/bin/sh\n');
      chmodSync(program, 0o755);
      const path = join(folder, 'coffer.service');
      writeFileSync(path, unitFor({ ...asked, program: [program], home: `${folder}/${name}` }).text);
      const { status, stderr } = spawnSync('systemd-analyze', ['--user', 'verify', '--man=no', path], {
        encoding: 'utf8',
        env: { ...process.env, XDG_RUNTIME_DIR: folder },
      });
      const about = stderr.split('\n').filter((line) => line.includes('coffer.service'));
      expect([status, about]).toEqual([0, []]);
    }
  });
});

describe('macOS', () => {
  test('the LaunchAgent names the program word by word, and is well-formed', () => {
    const { path, text, enable, disable } = unitFor({
      ...{ ...asked, platform: 'darwin', userHome: '/Users/anna', user: 501 },
      ...{ program: ['/Applications/A & B/<coffer>'], home: '/Users/anna/x & y' },
    });
    expect(path).toBe('/Users/anna/Library/LaunchAgents/coffer.agent.plist');
    expect(text).toContain('<string>/Applications/A &amp; B/&lt;coffer&gt;</string>\n    <string>daemon</string>');
    expect(text).toContain('<string>run</string>\n    <string>--supervised</string>');
    expect(text).toContain('<key>COFFER_HOME</key>\n    <string>/Users/anna/x &amp; y</string>');
    expect([enable, disable].map((words) => words.join(' '))).toEqual([
      `launchctl bootstrap gui/501 ${path}`,
      'launchctl bootout gui/501/coffer.agent',
    ]);
    if (hasProgram('xmllint')) {
      expect(spawnSync('xmllint', ['--nonet', '--noout', '-'], { input: text, encoding: 'utf8' }).stderr).toBe('');
    }
  });
});

test('elsewhere it is said that there is nothing yet', () => {
  expect(() => unitFor({ ...asked, platform: 'win32' })).toThrow('autostart.unknown');
});
