/**
 * The probe table: every probe that exists, by id, and which of them a description names.
 *
 * Ids count from 1 in order of creation; BEGIN, END and ERROR are 1, 2, 3 (behaviours.md 14). A provider may make
 * probes when a description asks for them (`tick-7s`): it is shown each pattern before matching.
 */
import type { ProbeName } from '../dif/consumer-contract.ts';
import type { ProbePattern } from '../dif/program.ts';
import { globMatches } from './glob.ts';

export interface Probe extends ProbeName {
  /** Tells other spellings of the name that match it: `14` and `0xE` for `0x0e`. */
  readonly isAlias?: ((name: string) => boolean) | undefined;
  /** D types of args[], as D text. */
  readonly argumentTypes: readonly string[];
  /** Descriptions without a name do not mean it. */
  readonly onlyByName?: boolean | undefined;
}

export interface ProbeProvider {
  readonly name: string;
  /** Make the probes that `pattern` asks for and that do not exist yet, if this provider makes any on demand. */
  provide(pattern: ProbePattern, table: ProbeTable): void;
}

export interface ProbeFacts {
  readonly isAlias?: (name: string) => boolean;
  /** A function where it takes work to tell them, and most probes are never asked. */
  readonly argumentTypes?: readonly string[] | (() => readonly string[]);
  /** Made when its name is asked for, so that `vec:::` means the same whatever other clauses ask for. */
  readonly onlyByName?: boolean;
}

class TypedLater implements Probe {
  readonly id: number;
  readonly provider: string;
  readonly module: string;
  readonly function: string;
  readonly name: string;
  readonly isAlias: Probe['isAlias'];
  private readonly types: () => readonly string[];

  constructor(probe: Omit<Probe, 'argumentTypes'>, types: () => readonly string[]) {
    this.id = probe.id;
    this.provider = probe.provider;
    this.module = probe.module;
    this.function = probe.function;
    this.name = probe.name;
    this.isAlias = probe.isAlias;
    this.types = types;
  }

  get argumentTypes(): readonly string[] {
    return this.types();
  }
}

/** Probes of one provider; by name only as many as were there when one was last looked for. */
interface Named {
  readonly probes: Probe[];
  readonly byName: Map<string, Probe>;
  known: number;
}

export class ProbeTable {
  private readonly probes: Probe[] = [];
  private readonly byProvider = new Map<string, Named>();
  private readonly onDemand: ProbeProvider[] = [];
  /** By description, what matched among so many probes: a clause is matched when it is checked, counted, enabled. */
  private readonly matched = new Map<string, { readonly of: number; readonly probes: readonly Probe[] }>();

  addProvider(provider: ProbeProvider): void {
    this.onDemand.push(provider);
  }

  /** The probe of that exact name, made if need be. */
  create(provider: string, module: string, func: string, name: string, more: ProbeFacts = {}): Probe {
    const own = this.named(provider);
    for (; own.known < own.probes.length; own.known++) {
      const probe = own.probes[own.known]!;
      own.byName.set(`${probe.module}:${probe.function}:${probe.name}`, probe);
    }
    return own.byName.get(`${module}:${func}:${name}`) ?? this.add(provider, module, func, name, more);
  }

  /** The same, of a probe that there is not yet: whoever knows that many are new need not have them compared. */
  add(provider: string, module: string, func: string, name: string, more: ProbeFacts = {}): Probe {
    const { isAlias, onlyByName, argumentTypes = [] } = more;
    const id = this.probes.length + 1;
    const probe: Probe =
      typeof argumentTypes === 'function'
        ? new TypedLater({ id, provider, module, function: func, name, isAlias }, argumentTypes)
        : { id, provider, module, function: func, name, isAlias, argumentTypes, onlyByName };
    this.probes.push(probe);
    this.named(provider).probes.push(probe);
    return probe;
  }

  private named(provider: string): Named {
    let own = this.byProvider.get(provider);
    if (own === undefined) {
      own = { probes: [], byName: new Map(), known: 0 };
      this.byProvider.set(provider, own);
    }
    return own;
  }

  get(id: number): Probe | undefined {
    return this.probes[id - 1];
  }

  get all(): readonly Probe[] {
    return this.probes;
  }

  /** Probes that the pattern names, by increasing id (d-language.md 2.6). */
  match(pattern: ProbePattern): readonly Probe[] {
    if (pattern.id !== undefined) {
      const probe = this.get(pattern.id);
      return probe ? [probe] : [];
    }
    for (const provider of this.onDemand) provider.provide(pattern, this);
    const text = `${pattern.provider}:${pattern.module}:${pattern.function}:${pattern.name}`;
    const known = this.matched.get(text);
    if (known?.of === this.probes.length) return known.probes;
    const allEmpty = text === ':::';
    const matches = allEmpty ? (probe: Probe) => probe.function !== '' : probeMatcher(pattern);
    const probes = this.probes.filter(matches);
    this.matched.set(text, { of: this.probes.length, probes });
    return probes;
  }
}

function probeMatcher(pattern: ProbePattern): (probe: Probe) => boolean {
  const provider = fieldMatcher(pattern.provider);
  const module = fieldMatcher(pattern.module);
  const func = fieldMatcher(pattern.function);
  const name = fieldMatcher(pattern.name);
  return (probe) =>
    (pattern.name !== '' || !probe.onlyByName) &&
    provider(probe.provider) &&
    module(probe.module) &&
    func(probe.function) &&
    (name(probe.name) || probe.isAlias?.(pattern.name) === true);
}

/** The same as fieldMatches, for many texts. */
function fieldMatcher(pattern: string): (text: string) => boolean {
  if (pattern === '') return () => true;
  const isPlain = !/[*?[\\]/.test(pattern);
  return isPlain ? (text) => text === pattern : (text) => globMatches(pattern, text);
}

/** An empty field of a description matches anything. */
export function fieldMatches(pattern: string, text: string): boolean {
  return pattern === '' || globMatches(pattern, text);
}
