/** What the checker must know of the run half, declared here and implemented by the session (style.md section 2). */
import type { ProbePattern } from '../dif/program.ts';

export interface ProbeCatalog {
  /** Number of probes a pattern matches; creating providers' on-demand probes (tick-5s) as a side effect. */
  match(pattern: ProbePattern): number;
  /**
   * D types of `args[]` for a pattern, as D text, each; or why there are none:
   * 'multiple' when the matched probes disagree, or when there are none (-Z) to tell.
   */
  argumentTypes(pattern: ProbePattern): readonly string[] | 'multiple';
  /** Nothing is traced that could have another architecture's registers, whose short names (a1, s0) are then free. */
  readonly x86Only?: boolean;
  /** What would help the user when a pattern matches nothing. */
  whyNone?(pattern: ProbePattern): string | undefined;
}

/** How option pragmas reach the option table; returns the library error text on refusal. */
export interface OptionSetter {
  setFromProgram(name: string, value: string | undefined): string | undefined;
}
