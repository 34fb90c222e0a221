/**
 * What -v says about programs and probes (d-language.md 10.3, 13.1): how far names, meanings and platforms can be relied
 * on, and the types of args[].
 *
 * A triple is name/data/class. A program has the minimum of its parts, part by part: of the probes it names, and of
 * what its statements read and name.
 */
import type { Program } from '../dif/program.ts';
import type { Probe } from '../engine/probes.ts';
import { describeProgram } from './notices.ts';
import type { ProgramText } from './request.ts';

/** Rising. */
const LEVELS = [
  'Internal',
  'Private',
  'Obsolete',
  'External',
  'Unstable',
  'Evolving',
  'Stable',
  'Standard',
] as const;
const CLASSES = ['Unknown', 'CPU', 'Platform', 'Group', 'ISA', 'Common'] as const;

export interface Attributes {
  readonly name: (typeof LEVELS)[number];
  readonly data: (typeof LEVELS)[number];
  readonly dependency: (typeof CLASSES)[number];
}

const LANGUAGE: Attributes = { name: 'Stable', data: 'Stable', dependency: 'Common' };
/** Registers are the same on every machine of the architecture. */
const REGISTERS: Attributes = { name: 'Stable', data: 'Stable', dependency: 'ISA' };
const UNKNOWN: Attributes = { name: 'Private', data: 'Private', dependency: 'Unknown' };

/** Of probe descriptions and of arguments, by provider. */
const PROVIDERS: Readonly<Record<string, Attributes>> = {
  dtrace: LANGUAGE,
  profile: { name: 'Evolving', data: 'Evolving', dependency: 'Common' },
  trapline: { name: 'Evolving', data: 'Evolving', dependency: 'Common' },
  vec: { name: 'Evolving', data: 'Evolving', dependency: 'ISA' },
  // Functions come and go with every version of a kernel; calls stay.
  fbt: { name: 'Private', data: 'Private', dependency: 'ISA' },
  syscall: { name: 'Stable', data: 'Stable', dependency: 'Platform' },
  exec: { name: 'Evolving', data: 'Evolving', dependency: 'Platform' },
  cpu: { name: 'Evolving', data: 'Evolving', dependency: 'Platform' },
  guest: { name: 'Evolving', data: 'Evolving', dependency: 'Platform' },
};

function attributesOf({ provider }: Probe): Attributes {
  return PROVIDERS[provider] ?? UNKNOWN;
}

function minimum(a: Attributes, b: Attributes): Attributes {
  return {
    name: lower(LEVELS, a.name, b.name),
    data: lower(LEVELS, a.data, b.data),
    dependency: lower(CLASSES, a.dependency, b.dependency),
  };
}

function lower<T>(order: readonly T[], a: T, b: T): T {
  return order.indexOf(a) <= order.indexOf(b) ? a : b;
}

/** -lv: what stands below the row of a probe. */
export function probeBlocks(probe: Probe): string {
  const attributes = attributesOf(probe);
  const types = probe.argumentTypes.map((type, i) => `\t\targs[${i}]: ${type}\n`).join('') || '\t\tNone\n';
  return `${block('Probe Description Attributes', attributes)}${block('Argument Attributes', attributes)}\n\tArgument Types\n${types}\n`;
}

/** -v: what stands before the output of a program that `probes` enable. */
export function stabilityReport(text: ProgramText, program: Program, probes: readonly Probe[]): string {
  const descriptions = probes.map(attributesOf).reduce(minimum, LANGUAGE);
  return `\nStability attributes for ${describeProgram(text)}:\n${block('Minimum Probe Description Attributes', descriptions)}${block('Minimum Statement Attributes', statementAttributes(program, descriptions))}\n`;
}

function statementAttributes({ needs, stability }: Program, ofArguments: Attributes): Attributes {
  const read = [...(needs.registers ? [REGISTERS] : []), ...(needs.args ? [ofArguments] : [])];
  return read.reduce(minimum, stability === undefined ? LANGUAGE : parseAttributes(stability));
}

/** `Stable/Private/Common`, in any case; the compile half has seen to its form. */
function parseAttributes(text: string): Attributes {
  const [name, data, dependency] = text.split('/');
  return { name: named(LEVELS, name), data: named(LEVELS, data), dependency: named(CLASSES, dependency) };
}

function named<T extends string>(words: readonly T[], word: string | undefined): T {
  return words.find((each) => each.toLowerCase() === word?.toLowerCase()) ?? words[0]!;
}

function block(title: string, { name, data, dependency }: Attributes): string {
  return `\n\t${title}\n\t\tIdentifier Names: ${name}\n\t\tData Semantics:   ${data}\n\t\tDependency Class: ${dependency}\n`;
}
