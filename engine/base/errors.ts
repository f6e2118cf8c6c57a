import { catalogue, type ErrorCode, type Retry } from './catalogue.ts';

export type ErrorContext = Readonly<Record<string, string | number | boolean>>;

/**
 * An error of the world (not of our code): it travels as `code` and `context`, never as a sentence.
 * The sentences live in the catalogue; `describeError` puts them together.
 */
export class CofferError extends Error {
  readonly code: ErrorCode;
  readonly context: ErrorContext;
  readonly retry: Retry;

  constructor(code: ErrorCode, context: ErrorContext = {}, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause });
    this.name = 'CofferError';
    this.code = code;
    this.context = context;
    this.retry = catalogue[code].retry;
  }
}

export function isCofferError(error: unknown, code?: ErrorCode): error is CofferError {
  return error instanceof CofferError && (code === undefined || error.code === code);
}

/** The system's error code (`ENOENT`, `ENOSPC`, …) of a Node error, or an empty string. */
export function systemCode(error: unknown): string {
  if (error instanceof CofferError) return ''; // its code is ours, not the system's
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return '';
  const unnamed = /^Unknown system error -(\d+)$/.exec(code)?.[1];
  return unnamed === undefined ? code : (unnamedCodes[unnamed] ?? code);
}

/** Codes of Linux that Node has no names for. */
const unnamedCodes: Readonly<Record<string, string>> = { '37': 'ENOLCK', '116': 'ESTALE', '122': 'EDQUOT' };

export type ErrorDescription = {
  readonly code: ErrorCode;
  /** What happened. */
  readonly what: string;
  /** What it means for the person's files. */
  readonly meaning: string;
  /** What to do. */
  readonly remedy: string;
};

/** Texts of the catalogue with `{name}` replaced from the context. */
export function describeError(error: CofferError): ErrorDescription {
  const entry = catalogue[error.code];
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => String(error.context[name] ?? '?'));
  return { code: error.code, what: fill(entry.what), meaning: fill(entry.meaning), remedy: fill(entry.remedy) };
}

/** For our own mistakes: what must hold whatever the world does. Never used for input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

export function unreachable(value: never): never {
  throw new AssertionError(`unexpected value ${String(value)}`);
}
