/** Widths in columns of a terminal, and text that is safe to show on one. */
const noWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const doubleWidth =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]$/u;
const ascii = /^[\x20-\x7e]*$/;

export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (noWidth.test(character)) return 0;
  return doubleWidth.test(character) ? 2 : 1;
}

/** Cuts the end off. */
export function cutTo(text: string, columns: number): string {
  return widthOf(text) <= columns ? text : `${takeFrom([...text], columns - 1)}…`;
}

/** Cuts the end off text with colours in it, which take no columns and go on being switched off behind the cut. */
export function cutPainted(text: string, columns: number): string {
  const parts = text.split(/(\x1b\[\d+m)/);
  const isPaint = (at: number): boolean => at % 2 === 1;
  if (widthOf(parts.filter((_, at) => !isPaint(at)).join('')) <= columns) return text;
  let left = columns - 1;
  const kept = parts.map((part, at) => {
    if (isPaint(at) || left < 0) return isPaint(at) ? part : '';
    const shown = takeFrom([...part], left);
    left -= widthOf(shown);
    if (shown === part) return part;
    left = -1;
    return `${shown}…`;
  });
  return kept.join('');
}

/** Cuts a path in its middle, because its beginning says where and its end says what. */
export function shortenMiddle(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 2) return '…'.slice(0, Math.max(0, columns));
  const characters = [...text];
  const endColumns = Math.ceil(((columns - 1) * 2) / 3);
  const end = [...takeFrom(characters.toReversed(), endColumns)].toReversed().join('');
  return `${takeFrom(characters, columns - 1 - endColumns)}…${end}`;
}

function takeFrom(characters: readonly string[], columns: number): string {
  let taken = '';
  let width = 0;
  for (const character of characters) {
    width += characterWidth(character);
    if (width > columns) break;
    taken += character;
  }
  return taken;
}

const unsafe = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/**
 * A name as a terminal may show it: whoever made a file chose its name, and a terminal obeys some characters. Escaped
 * bytes that are no UTF-8 are shown as such too.
 */
export function safeForTerminal(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
