/**
 * printf format strings: parsed once by the checker, validated there against argument types, executed by the consumer.
 *
 * In: the bytes of a format literal. Out: a list of pieces, or what is wrong with it (d-language.md 8.1–8.3).
 */

export interface Conversion {
  readonly kind: 'conversion';
  readonly index: number; // 1-based number of the conversion, as messages count
  readonly letters: string; // 'd', 'lld', 'hx', 'Y', …: size letters and conversion, without flags and width
  readonly flags: {
    readonly alternate: boolean; // #
    readonly zero: boolean; // 0
    readonly left: boolean; // -
    readonly plus: boolean; // +
    readonly space: boolean; // ' '
    readonly group: boolean; // '
    readonly aggregation: boolean; // @
    readonly pointerWidth: boolean; // ?
  };
  readonly width: number | 'argument' | undefined;
  readonly precision: number | 'argument' | undefined;
}

export interface Literal {
  readonly kind: 'literal';
  readonly bytes: Uint8Array;
}

export interface PrintfFormat {
  readonly pieces: readonly (Literal | Conversion)[];
}
