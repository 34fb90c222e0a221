/**
 * Every row of the language's tables is met by a script of test/spec, or stands in a list of exceptions with its reason.
 * A new tag, subroutine, action, option or conversion without a script fails here; so does an exception that a script
 * has made needless.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHECK_TAGS } from '../src/diag/tags/check.ts';
import { CODEGEN_TAGS } from '../src/diag/tags/codegen.ts';
import { SYNTAX_TAGS } from '../src/diag/tags/syntax.ts';
import { ACTIONS } from '../src/dif/actions.ts';
import { AGGREGATING_FUNCTIONS } from '../src/dif/aggregating-functions.ts';
import { CONVERSIONS } from '../src/dif/conversions.ts';
import { LIBRARY } from '../src/dif/library.ts';
import { MACRO_VARIABLES } from '../src/dif/macro-variables.ts';
import { OPTIONS, type OptionDef, type OptionName } from '../src/dif/options.ts';
import { PRAGMAS } from '../src/dif/pragmas.ts';
import { SUBROUTINES } from '../src/dif/subroutines.ts';
import { BUILTIN_VARIABLES } from '../src/dif/variables.ts';

const ROOT = new URL('spec/', import.meta.url);
const NAMES = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d'));
const TEXT = NAMES.map((name) => readFileSync(new URL(name, ROOT), 'latin1')).join('\n');
const TESTED_TAGS = new Set(
  NAMES.map((name) => name.split('/').at(-1)!.split('.'))
    .filter(([kind]) => kind === 'err')
    .map(([, tag]) => tag!),
);

/** Name → why no script meets it. */
type Exceptions = Readonly<Record<string, string>>;

const TAG_EXCEPTIONS: Exceptions = {
  D_ARGS_TYPE:
    'no provider of trapline gives an argument a type that does not exist (test/table/check-errors)',
  D_IDENT_AMBIG: 'needs two programs of one session that share an enum (test/unit/check)',
  D_ID_OFLOW: 'needs 64256 variables (test/unit/check)',
  D_INTTAB_FULL: 'needs 65536 constants in one expression (test/unit/codegen)',
  D_STRTAB_FULL: 'needs 64 KiB of text in one expression (test/unit/codegen)',
  D_DIFO_SIZE: 'needs 40000 operators in one expression (test/unit/codegen)',
};

/** Tags of dtrace that trapline does not have, each with the reason. */
const ABSENT_TAGS: Exceptions = {
  D_COMM_COMM: 'commit() after commit() is allowed, as on Linux',
  D_OP_IDENT: 'the grammar refuses what is no name after . and -> first, as D_SYNTAX',
  D_TYPE_ERR: 'the types it looks for are always there',
  D_VAR_UNSUP: 'is raised nowhere',
  D_ASRELO: 'there are no relocations: programs run where they are compiled',
  D_SYM_BADREF: 'modules of a kernel are not told apart from those of programs',
  D_ARGS_XLATOR: 'a missing translator is found where the provider is defined, as D_PROV_PRXLATOR',
  D_QUANT_PROTO: 'is D_PROTO_LEN in dtrace too',
  D_PRINT_SIZE: 'printed values have no limit but the buffer',
  D_OBSOLETE: 'nothing in the language is obsolete',
  D_PCAP_SIZE: 'pcap() needs packets, which no source has',
  D_PROC_OFF: 'as all of D_PROC: there are no pid probes',
};

describe('error tags', () => {
  const tags = Object.keys({ ...SYNTAX_TAGS, ...CHECK_TAGS, ...CODEGEN_TAGS });
  test('each has an err script', () => {
    expect(tags.filter((tag) => !TESTED_TAGS.has(tag) && !(tag in TAG_EXCEPTIONS))).toEqual([]);
  });
  test('an exception is a tag without a script', () => {
    const needless = Object.keys(TAG_EXCEPTIONS).filter((tag) => !tags.includes(tag) || TESTED_TAGS.has(tag));
    expect(needless).toEqual([]);
  });
  test('what is said to be absent is', () => {
    expect(Object.keys(ABSENT_TAGS).filter((tag) => tags.includes(tag))).toEqual([]);
  });
});

/** Whether a script uses `name` as a word of its own. */
function isUsed(name: string): boolean {
  return new RegExp(`(?<![\\w$])${name.replaceAll(/[$.]/g, '\\$&')}(?!\\w)`).test(TEXT);
}

/** By its name, or by the switch that is short for it. */
function isOptionUsed(name: string): boolean {
  const { short }: OptionDef = OPTIONS[name as OptionName];
  const switched = short !== undefined && new RegExp(`ARGS:.* ${short}`).test(TEXT);
  return switched || new RegExp(`-x ${name}\\b|option ${name}\\b|setopt\\("${name}"`).test(TEXT);
}

/** `%-5ld` is a use of `ld`. */
function isConversionUsed(name: string): boolean {
  return new RegExp(`%[-+ #0'@*]*[\\d*]*(?:\\.[\\d*]+)?@?${name}`).test(TEXT);
}

const TABLES: Readonly<
  Record<string, readonly [rows: readonly string[], isUsed: (name: string) => boolean]>
> = {
  subroutines: [Object.keys(SUBROUTINES), (name) => isUsed(name)],
  actions: [Object.keys(ACTIONS), (name) => isUsed(name)],
  'aggregating functions': [Object.keys(AGGREGATING_FUNCTIONS), (name) => isUsed(name)],
  variables: [[...Object.keys(BUILTIN_VARIABLES), ...Object.keys(LIBRARY)], (name) => isUsed(name)],
  'macro variables': [Object.keys(MACRO_VARIABLES), (name) => TEXT.includes(`$${name}`)],
  'control lines': [Object.keys(PRAGMAS), (name) => new RegExp(`#\\s*(pragma D )?${name}\\b`).test(TEXT)],
  conversions: [Object.keys(CONVERSIONS), isConversionUsed],
  options: [
    Object.entries<OptionDef>(OPTIONS)
      .filter(([, row]) => row.scope === 'here')
      .map(([name]) => name),
    isOptionUsed,
  ],
};

/** Rows of the tables that no script can show. */
const ROW_EXCEPTIONS: Exceptions = {
  errtags: 'every err script runs with it',
  verbose: 'the listing of -S changes with every improvement of the code generator (test/table/dif-golden)',
  cpphdrs: 'the paths it prints depend on where the tree lies',
  syslibdir: 'its files are read as those of -L, which scripts show',
};

describe.each(Object.entries(TABLES))('%s', (_, [rows, used]) => {
  test('each has a script', () => {
    expect(rows.filter((name) => !used(name) && !(name in ROW_EXCEPTIONS))).toEqual([]);
  });
});
