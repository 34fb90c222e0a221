/** Which event columns a program uses; sources decode only these (event-batch.ts). */
export interface SourceNeeds {
  readonly cpl: boolean;
  readonly errcode: boolean;
  readonly pc: boolean;
  readonly sp: boolean;
  readonly faddr: boolean;
  readonly time: boolean;
  readonly line: boolean;
  readonly registers: boolean;
  /** Arguments arg0, arg1, … are read: the provider must set them (their columns are asked for above). */
  readonly args: boolean;
  /** Ids of registers that the program names: their columns are filled where that is cheap (EVENT_FLAGS.COLUMNS). */
  readonly registerColumns: readonly number[];
}

/** More registers than that have no columns. */
export const MOST_REGISTER_COLUMNS = 8;

/** A program that looks at nothing but which probe fired. */
export const NO_NEEDS: SourceNeeds = {
  cpl: false,
  errcode: false,
  pc: false,
  sp: false,
  faddr: false,
  time: false,
  line: false,
  registers: false,
  args: false,
  registerColumns: [],
};

export function unionOfNeeds(a: SourceNeeds, b: SourceNeeds): SourceNeeds {
  return {
    cpl: a.cpl || b.cpl,
    errcode: a.errcode || b.errcode,
    pc: a.pc || b.pc,
    sp: a.sp || b.sp,
    faddr: a.faddr || b.faddr,
    time: a.time || b.time,
    line: a.line || b.line,
    registers: a.registers || b.registers,
    args: a.args || b.args,
    registerColumns: unionOfColumns(a.registerColumns, b.registerColumns),
  };
}

/** Those named first come first. */
export function unionOfColumns(a: readonly number[], b: readonly number[]): readonly number[] {
  return [...new Set([...a, ...b])].slice(0, MOST_REGISTER_COLUMNS);
}
