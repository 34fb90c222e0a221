/**
 * Fault injection: `-x inject=KIND@N,KIND/N,…` makes rare things happen on purpose, so that tests and doubters see them survived.
 *
 * In: the text of the option. Out: an Injector, which the patcher asks at each place where a kind can happen. `@N` means the
 * Nth time that it could, `/N` every Nth. Each is counted; what it takes from the machine (an interrupt, another order of the
 * CPUs) the machine does through FaultActions, and a kind whose action a machine lacks never happens and is not counted.
 */

export interface InjectionDef {
  /** Where it is counted: what N counts. */
  readonly at: 'hit' | 'step-trap';
  /** It needs the CPU to sit between trap and instruction, so the instruction is stepped if it can be. */
  readonly steps: boolean;
  readonly doc: string;
  readonly example: string;
}

export const INJECTIONS = {
  'drop-step': {
    at: 'step-trap',
    steps: false,
    doc: 'the single-step trap behind a displaced instruction is lost',
    example: 'drop-step/100',
  },
  interrupt: {
    at: 'hit',
    steps: true,
    doc: 'a device interrupts the CPU between the breakpoint and the displaced instruction',
    example: 'interrupt/50',
  },
  nmi: {
    at: 'hit',
    steps: true,
    doc: 'an NMI comes between the breakpoint and the displaced instruction',
    example: 'nmi@7',
  },
  'two-cpus': {
    at: 'hit',
    steps: true,
    doc: 'a CPU stays on its trap for a while, so that others meet the same site',
    example: 'two-cpus/10',
  },
  remove: {
    at: 'hit',
    steps: true,
    doc: 'the site is removed while a CPU sits on its trap, and set again',
    example: 'remove/20',
  },
  'guest-int3': {
    at: 'hit',
    steps: false,
    doc: 'the guest writes its own INT3 where a site is; the site is dropped, and set again when the guest writes the old byte',
    example: 'guest-int3@3',
  },
} as const satisfies Record<string, InjectionDef>;
export type InjectionKind = keyof typeof INJECTIONS;

/** What only the machine can do; absent: it cannot. */
export interface FaultActions {
  interrupt?(cpu: number): void;
  nmi?(cpu: number): void;
  /** The other CPUs run for a while before this one goes on. */
  stall?(cpu: number): void;
}

interface Rule {
  readonly kind: InjectionKind;
  readonly number: number;
  readonly repeats: boolean;
  seen: number;
}

export class Injector {
  private readonly rules: readonly Rule[];
  /** How often each happened. */
  readonly counts = new Map<InjectionKind, number>();

  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    for (const { kind } of rules) this.counts.set(kind, 0);
  }

  /** Asked once per chance of the kind. */
  due(kind: InjectionKind): boolean {
    let due = false;
    for (const rule of this.rules) {
      if (rule.kind !== kind) continue;
      rule.seen++;
      due ||= rule.repeats ? rule.seen % rule.number === 0 : rule.seen === rule.number;
    }
    if (due) this.counts.set(kind, this.counts.get(kind)! + 1);
    return due;
  }
}

export type ParsedInjection =
  | { readonly kind: 'injector'; readonly injector: Injector }
  | { readonly kind: 'wrong'; readonly item: string; readonly why: string };

export function parseInjections(text: string): ParsedInjection {
  const rules: Rule[] = [];
  for (const item of text.split(',').map((part) => part.trim())) {
    const match = /^([a-z0-9-]+)([@/])(\d+)$/.exec(item);
    if (!match) return { kind: 'wrong', item, why: 'expected KIND@N or KIND/N' };
    const [, kind, sign, digits] = match;
    if (!Object.hasOwn(INJECTIONS, kind!)) {
      return { kind: 'wrong', item, why: `there are ${Object.keys(INJECTIONS).join(', ')}` };
    }
    const number = Number(digits);
    if (number < 1 || !Number.isSafeInteger(number)) {
      return { kind: 'wrong', item, why: 'N is counted from 1' };
    }
    rules.push({ kind: kind as InjectionKind, number, repeats: sign === '/', seen: 0 });
  }
  return { kind: 'injector', injector: new Injector(rules) };
}
