/**
 * What the options say about rows and values, read again only after one of them has changed: records come by the million,
 * and setopt() may change options between any two actions.
 */
import type { Symbolizer } from '../dif/consumer-contract.ts';
import type { Options } from '../dif/options.ts';
import type { ValueStyle } from './trace-value.ts';

export class Settings {
  readonly options: Options;
  private readonly symbols: Symbolizer | undefined;
  private changes = -1;
  private flows = false;
  private styleNow!: ValueStyle;

  constructor(options: Options, symbols: Symbolizer | undefined) {
    this.options = options;
    this.symbols = symbols;
  }

  get style(): ValueStyle {
    if (this.changes !== this.options.changes) this.read();
    return this.styleNow;
  }

  get quiet(): boolean {
    return this.style.quiet;
  }

  get flowindent(): boolean {
    if (this.changes !== this.options.changes) this.read();
    return this.flows;
  }

  private read(): void {
    const { options, symbols } = this;
    this.changes = options.changes;
    this.flows = options.flag('flowindent');
    this.styleNow = {
      quiet: options.flag('quiet'),
      rawBytes: options.flag('rawbytes'),
      stackIndent: options.number('stackindent'),
      symbols,
    };
  }
}
