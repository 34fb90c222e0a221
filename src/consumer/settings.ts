/**
 * What the options say about rows and values, as plain fields: records come by the million, and asking by name costs as
 * much as printing one. `refresh` is due when a record begins, and after setopt() within one.
 */
import type { Symbolizer } from '../dif/consumer-contract.ts';
import type { Options } from '../dif/options.ts';
import type { ValueStyle } from './trace-value.ts';

export class Settings {
  quiet = false;
  flowindent = false;
  style: ValueStyle;
  private readonly options: Options;
  private readonly symbols: Symbolizer | undefined;
  private changes: number;

  constructor(options: Options, symbols: Symbolizer | undefined) {
    this.options = options;
    this.symbols = symbols;
    this.changes = options.changes;
    this.style = this.read();
  }

  refresh(): void {
    const { changes } = this.options;
    if (changes === this.changes) return;
    this.changes = changes;
    this.style = this.read();
  }

  private read(): ValueStyle {
    const { options, symbols } = this;
    this.flowindent = options.flag('flowindent');
    this.quiet = options.flag('quiet');
    return {
      quiet: this.quiet,
      rawBytes: options.flag('rawbytes'),
      stackIndent: options.number('stackindent'),
      symbols,
    };
  }
}
