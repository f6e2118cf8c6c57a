/** What a command takes and says of itself: the one source of parsing, help and docs/COMMANDS.md. */
export type OptionSpec = {
  /** `flag`: there or not. `text`: one value. `list`: may be given again and again. `maybe`: `--name` or `--name=VALUE`. */
  readonly kind: 'flag' | 'text' | 'list' | 'maybe';
  readonly short?: string;
  /** The value's name in the help, such as FILE. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly says: string;
};

export type ArgumentSpec = {
  readonly name: string;
  readonly says: string;
  readonly optional?: boolean;
  /** Takes all that is left; only the last argument may. */
  readonly many?: boolean;
};

export type JsonField = { readonly name: string; readonly type: string; readonly says: string };

/** What `--json` prints: one object, an array with one element a line, or objects a line each without an end. */
export type JsonShape = {
  readonly kind: 'object' | 'array' | 'lines' | 'none';
  readonly fields: readonly JsonField[];
  readonly note?: string;
};

export type CommandSpec = {
  /** One word, or two for a command of a group (`keys add`). */
  readonly name: string;
  readonly says: string;
  /** Paragraphs of the help of this command. */
  readonly details?: readonly string[];
  readonly arguments: readonly ArgumentSpec[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly { readonly line: string; readonly says: string }[];
  readonly json: JsonShape;
  /** False where the command works without a vault. */
  readonly needsStore: boolean;
  /** True where the command talks to another process, or loads of the engine what it needs itself. */
  readonly bare?: true;
  /** Which sentences a person reads who stops it with Ctrl-C. */
  readonly whenCancelled: 'cancelled' | 'cancelled.restore' | 'cancelled.drill' | 'cancelled.other';
  /** Ctrl-C is how it ends: nothing is said about it. */
  readonly endsWithSignal?: true;
};

type ValueOf<Spec extends OptionSpec> = Spec['kind'] extends 'flag'
  ? boolean
  : Spec['kind'] extends 'list'
    ? readonly string[]
    : Spec['kind'] extends 'maybe'
      ? string | true | undefined
      : string | undefined;

export type ValuesOf<Options extends Readonly<Record<string, OptionSpec>>> = {
  readonly [Name in keyof Options]: ValueOf<Options[Name]>;
};
