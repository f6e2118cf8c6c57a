/** Colours for status and nothing else, always beside words that say the same. */
export type Style = {
  safe(text: string): string;
  attention(text: string): string;
  risk(text: string): string;
  strong(text: string): string;
  quiet(text: string): string;
};

const paint =
  (on: number, off: number) =>
  (text: string): string =>
    `\x1b[${on}m${text}\x1b[${off}m`;
const plain = (text: string): string => text;

export const colours: Style = {
  safe: paint(32, 39),
  attention: paint(33, 39),
  risk: paint(31, 39),
  strong: paint(1, 22),
  quiet: paint(2, 22),
};

export const noColours: Style = { safe: plain, attention: plain, risk: plain, strong: plain, quiet: plain };
