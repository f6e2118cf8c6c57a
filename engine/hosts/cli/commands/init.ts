import type { Run } from '../commands.ts';

export const init: Run<'init'> = async (session, { options }) => {
  const { engine, ports, output, secrets, store } = session;
  const passphrase = await secrets.ofNewVault();
  const label = options.label === undefined ? {} : { label: options.label };
  const { vault, recoveryPhrase } = await engine.createVault(ports, { store, passphrase, ...label });
  output.object({ vault, store, recoveryPhrase });
  output.say(`${output.style.safe('The vault is made.')} It is at ${output.path(store)}`);
  showPhrase(output, recoveryPhrase);
  output.say(`Now protect something:  coffer backup --store ${output.path(store)} ~/Documents`);
  return 'done';
};

type Screen = Parameters<Run<'init'>>[0]['output'];

/** A row, because even with --quiet it is what was asked for: it is shown only this once. */
export function showPhrase(output: Screen, recoveryPhrase: string): void {
  const words = recoveryPhrase.split(' ').map((word, at) => `${String(at + 1).padStart(2)} ${word.padEnd(9)}`);
  output.row('');
  output.row('The recovery phrase. It is shown only now:');
  output.row('');
  for (let at = 0; at < words.length; at += 4)
    output.row(
      `  ${words
        .slice(at, at + 4)
        .join('  ')
        .trimEnd()}`,
    );
  output.row('');
  output.say('Write these 24 words down and keep them apart from this computer. They open the vault when the');
  output.say('passphrase is lost. Whoever has them and the place can read everything; nobody can bring them back.');
  output.say('');
}
