/**
 * `--help` and `trapline help NAME`, made from the tables: nothing is listed here that a table already holds.
 * Loaded only when asked for.
 */

import { nearest } from '../diag/nearest.ts';
import { ACTIONS } from '../dif/actions.ts';
import { AGGREGATING_FUNCTIONS } from '../dif/aggregating-functions.ts';
import { CONVERSIONS } from '../dif/conversions.ts';
import { LIBRARY } from '../dif/library.ts';
import { MACRO_VARIABLES } from '../dif/macro-variables.ts';
import { OPTIONS, type OptionDef } from '../dif/options.ts';
import { PRAGMAS } from '../dif/pragmas.ts';
import { SUBROUTINES, type SubrDef } from '../dif/subroutines.ts';
import { BUILTIN_VARIABLES } from '../dif/variables.ts';
import { type Architecture, CAUSES } from '../machine/causes.ts';
import { MACHINE_PROBES } from '../machine/machine-probes.ts';
import { REGISTERS } from '../machine/registers.ts';
import { VECTORS } from '../machine/vectors.ts';
import { SWITCHES, type SwitchDef, spelling } from './switches.ts';

export const USAGE = `Usage: trapline [switches] [-n 'PROGRAM' | -s FILE]... [-t TRACE]... [macro arguments]
       trapline report [--format json] [--html OUT.html] [--show-d] FILE…
       trapline explain [--symbols FILE] [--format json] FILE[:EVENT]
       trapline record -o DIR -- qemu-system-x86_64 …
       trapline probes --machine IMAGE | ctl PATH unsafe on|off|status | help [NAME]
trapline --help explains them.
`;

/** One thing that can be asked about: what it is, and lines that say so. */
interface Entry {
  readonly name: string;
  readonly kind: string; // singular: 'variable'
  readonly doc: string;
  readonly details: readonly string[]; // prototype, example…
}

/** The topics, and the tables behind them. */
const TOPICS: Readonly<Record<string, () => Entry[]>> = {
  variables: () => [
    ...rows(BUILTIN_VARIABLES).map(([name, row]) =>
      entry('variable', name, row.doc, `${row.type} ${name}`, row.example),
    ),
    ...rows(REGISTERS).map(([name, row]) =>
      entry('register', name, row.doc, `uint64_t ${name}`, `trace(${name})`),
    ),
    ...rows(LIBRARY).map(([name, row]) =>
      entry('library variable', name, row.doc, `${row.type} ${name}`.replace('* ', '*'), row.example),
    ),
  ],
  macros: () =>
    rows(MACRO_VARIABLES).map(([name, row]) =>
      entry('macro variable', `$${name}`, row.doc, `$$${name} is the same as a string`, row.example),
    ),
  pragmas: () =>
    rows(PRAGMAS).map(([name, row]) => entry('control line', `#${name}`, row.doc, row.form, row.example)),
  subroutines: () =>
    rows<SubrDef>(SUBROUTINES).map(([name, row]) =>
      entry('subroutine', name, row.doc + (row.destructive ? ' (needs -w)' : ''), row.proto, row.example),
    ),
  actions: () => rows(ACTIONS).map(([name, row]) => entry('action', name, row.doc, undefined, row.example)),
  aggregations: () =>
    rows(AGGREGATING_FUNCTIONS).map(([name, row]) =>
      entry('aggregating function', name, row.doc, undefined, row.example),
    ),
  conversions: () =>
    rows(CONVERSIONS).map(([name, row]) =>
      entry('printf conversion', `%${name}`, row.doc, `takes ${row.prototype}`, row.example),
    ),
  options: () => rows<OptionDef>(OPTIONS).map(([name, row]) => optionEntry(name, row)),
  vectors: () => [
    ...rows(VECTORS).map(([name, row]) => {
      const probe = `vec:${row.kind}:${name}:0x${row.vector.toString(16).padStart(2, '0')}`;
      return entry('vector', name, row.doc, probe, undefined);
    }),
    ...causesOf('arm', 'Arm, by exception class'),
    ...causesOf('riscv', 'RISC-V, by cause'),
  ],
  events: () =>
    MACHINE_PROBES.map(({ provider, name, doc }) =>
      entry('probe', name, doc, `${provider}:::${name}`, undefined),
    ),
  switches: () =>
    SWITCHES.map((def) => ({ name: spelling(def), kind: 'switch', doc: switchDoc(def), details: [] })),
};

/** Mnemonics of another architecture, each with its probes. */
function causesOf(architecture: Architecture, doc: string): Entry[] {
  const probes = new Map<string, string[]>();
  for (const { kind, mnemonic, number } of CAUSES[architecture]) {
    if (mnemonic === 'reserved' || mnemonic === 'local') continue;
    const probe = `vec:${kind}:${mnemonic}:0x${number.toString(16).padStart(2, '0')}`;
    probes.set(mnemonic, [...(probes.get(mnemonic) ?? []), probe]);
  }
  return [...probes].map(([name, details]) => ({ name, kind: 'vector', doc, details }));
}

export function helpText(): string {
  const here = SWITCHES.filter((def) => def.does.kind !== 'later');
  const later = SWITCHES.filter((def) => def.does.kind === 'later');
  const groups: readonly (readonly [SwitchDef['group'], string])[] = [
    ['programs', 'Programs, in the order given'],
    ['input', 'What is read'],
    ['tracing', 'How'],
    ['output', 'What is written'],
    ['about', 'About'],
  ];
  const sections = groups.map(([group, title]) => {
    const rowsOfGroup = here.filter((def) => def.group === group);
    return `${title}:\n${rowsOfGroup.map((def) => `  ${spelling(def).padEnd(20)} ${def.doc}\n`).join('')}`;
  });
  return `trapline asks questions of kernels in the D language: of logs and traces, and of guests that run.

${USAGE.replace(/trapline --help .*\n$/, '')}
Try:
  trapline -n 'vec:::0x0e { @[rip] = count(); }' -t boot.log.gz

${sections.join('\n')}
Operands are macro arguments $1, $2 … of the programs. Data goes to standard output, the rest to standard error.
Exit status: 0; 1 failure; 2 wrong usage; 3 with -x strict when anything was lost; or the program's exit(n).
Not in this version yet: ${later.map((def) => (def.short ? `-${def.short}` : `--${def.long}`)).join(' ')}

'trapline help NAME' explains any name of the language, an option or a switch; 'trapline help TOPIC' lists them.
Topics: ${Object.keys(TOPICS).join(' ')}.
`;
}

/** Help on a topic or on one name; undefined when there is no such thing. */
export function topicText(name: string): string | undefined {
  const topic = Object.hasOwn(TOPICS, name) ? TOPICS[name] : undefined;
  if (topic) return listText(topic());
  const found = Object.values(TOPICS).flatMap((entries) => entries().filter((row) => isNamed(row, name)));
  return found.length === 0 ? undefined : found.map(entryText).join('\n');
}

/** The name of a topic or entry close to `name`, for a hint. */
export function similarTopic(name: string): string | undefined {
  const names = Object.values(TOPICS).flatMap((entries) => entries().map((row) => row.name));
  return nearest(name, [...Object.keys(TOPICS), ...names]);
}

/** `-t`, `--trace` and `-t, --trace FILE` all name the switch; `line` and `#line` the control line. */
function isNamed(row: Entry, name: string): boolean {
  if (row.kind === 'switch') return row.name.split(/[ ,]+/).includes(name);
  return row.name === name || (row.kind === 'control line' && row.name === `#${name}`);
}

function listText(entries: readonly Entry[]): string {
  const width = Math.min(24, Math.max(...entries.map((row) => row.name.length)));
  return entries.map((row) => `${row.name.padEnd(width)}  ${row.doc}\n`).join('');
}

function entryText(row: Entry): string {
  return `${row.name} (${row.kind}): ${row.doc}\n${row.details.map((line) => `  ${line}\n`).join('')}`;
}

function entry(
  kind: string,
  name: string,
  doc: string,
  prototype: string | undefined,
  example: string | undefined,
): Entry {
  const details = [
    ...(prototype === undefined ? [] : [prototype]),
    ...(example === undefined ? [] : [`example: ${example}`]),
  ];
  return { name, kind, doc, details };
}

const SCOPE_NOTES = {
  here: '',
  accepted: ' (accepted without effect)',
  later: ' (not in this version yet)',
} as const;

const PHASE_NOTES = {
  compile: 'set with -x or #pragma D option',
  runtime: 'set with -x or #pragma D option',
  dynamic: 'set with -x, #pragma D option or setopt()',
} as const;

function optionEntry(name: string, row: OptionDef): Entry {
  const choices = row.choices === undefined ? '' : `: ${row.choices.join(' | ')}`;
  const initial = row.initial === undefined ? '' : `, default ${initialText(row)}`;
  const short = row.short === undefined ? '' : ` (${row.short} is short for it)`;
  return {
    name,
    kind: 'option',
    doc: row.doc + SCOPE_NOTES[row.scope],
    details: [`${row.kind}${choices}${initial}`, PHASE_NOTES[row.phase] + short, `example: ${row.example}`],
  };
}

function initialText(row: OptionDef): string {
  if (row.kind === 'rate') return `${row.initial} ns`;
  if (row.kind === 'size') return `${row.initial} bytes`;
  return String(row.initial);
}

function switchDoc(def: SwitchDef): string {
  return def.does.kind === 'later' ? `${def.doc} (not in this version yet)` : def.doc;
}

function rows<Row>(table: Readonly<Record<string, Row>>): [string, Row][] {
  return Object.entries(table);
}
