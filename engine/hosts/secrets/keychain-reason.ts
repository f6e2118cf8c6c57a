/** What a Secret Service and the session's bus say, in words that help. */
const known: readonly (readonly [RegExp, string])[] = [
  [/prompt was dismissed|is locked/i, 'it is locked, and was not unlocked'],
  [/not provided by any \.service file/i, 'no Secret Service runs in this session'],
  [/failed to connect to socket/i, 'the bus of this session cannot be reached'],
  [/did not receive a reply/i, 'it does not answer'],
];

/** Why the system keychain failed, to follow a colon: no capital, no full stop. */
export function keychainReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, reason] = known.find(([pattern]) => pattern.test(message)) ?? [];
  return reason ?? (message.split('\n')[0]?.replace(/\.$/, '') || 'it gave no reason');
}
