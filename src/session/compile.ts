/**
 * The compile half of a session: program texts → verified Programs, in command-line order, sharing one scope.
 *
 * Pure but for the probe table, where a description may make a probe (`tick-7s`). Stops at the first text in error, as
 * dtrace does. A Program that the verifier refuses is a bug of ours, not the user's.
 */
import { bug } from '../base/assert.ts';
import type { ProbeCatalog } from '../check/catalog.ts';
import { check } from '../check/check.ts';
import { Scope } from '../check/scope.ts';
import { generate } from '../codegen/generate.ts';
import { type Diagnostic, Diagnostics } from '../diag/diagnostics.ts';
import { type SourceText, sourceText } from '../diag/span.ts';
import { LIBRARY_WORDS } from '../dif/library.ts';
import type { Options } from '../dif/options.ts';
import type { Program } from '../dif/program.ts';
import { verifyProgram } from '../dif/verify.ts';
import type { Program as SyntaxTree } from '../syntax/ast.ts';
import { checkUnusedArguments, type MacroArguments, type ParseOptions, parse } from '../syntax/parse.ts';
import type { ProgramText } from './request.ts';

export interface Compiled {
  readonly programs: readonly { readonly text: ProgramText; readonly program: Program }[];
  readonly diagnostics: readonly Diagnostic[];
  /** The text that failed. */
  readonly failed: ProgramText | undefined;
}

export interface CompileContext {
  readonly catalog: ProbeCatalog;
  readonly options: Options;
  readonly macroArguments: readonly string[];
  readonly macroVariables: Readonly<Record<string, bigint>>;
  readonly programName: string;
  /** D text of the built-in library, compiled first when a program may use it. */
  readonly library: string;
}

export function compilePrograms(texts: readonly ProgramText[], context: CompileContext): Compiled {
  const scope = new Scope();
  const programs: { text: ProgramText; program: Program }[] = [];
  const used = new Set<number>();
  const diags = new Diagnostics();
  if (texts.some((text) => NEEDS_LIBRARY.test(text.text))) {
    compileOne(libraryText(context.library), scope, context, used, diags);
  }
  let macros: MacroArguments | undefined;
  for (const text of texts) {
    const one = compileOne(text, scope, context, used, diags);
    if (diags.failed) return { programs, diagnostics: diags.list, failed: text };
    macros = one.macros;
    programs.push({ text, program: one.program });
  }
  if (macros) checkUnusedArguments(macros, context.options.flag('argref'), diags);
  return { programs, diagnostics: diags.list, failed: diags.failed ? texts.at(-1) : undefined };
}

/** Words without which no program can use the built-in library; looking for them keeps it out of most start-ups. */
const NEEDS_LIBRARY = new RegExp(`args|vecinfo|${LIBRARY_WORDS.source}`);

type CompileText = Omit<ProgramText, 'kind'> & { readonly kind: ProgramText['kind'] | 'library' };

function libraryText(text: string): CompileText {
  return { kind: 'library', name: 'trapline.d', text };
}

function compileOne(
  text: CompileText,
  scope: Scope,
  context: CompileContext,
  used: Set<number>,
  diags: Diagnostics,
): { program: Program; macros: MacroArguments } {
  const { options } = context;
  const source = toSourceText(text);
  const macros: MacroArguments = {
    args: context.macroArguments,
    programName: text.kind === 'script' ? text.name : context.programName,
    variables: context.macroVariables,
    used,
  };
  const parseOptions: ParseOptions = {
    kind: text.kind,
    isTypeName: (name) => scope.types.isTypeName(name),
    isIdentifier: (name) => scope.isIdentifier(name),
    macros,
    setOption: (name, value) => options.set(name, value, 'pragma'),
    flag: (name) => options.flag(name),
  };
  const tree: SyntaxTree = parse(source, diags, parseOptions);
  const amin = options.text('amin');
  const typed = check(tree, diags, {
    scope,
    catalog: context.catalog,
    options: {
      strsize: options.number('strsize'),
      zdefs: options.flag('zdefs'),
      stackframes: options.number('stackframes'),
      ustackframes: options.number('ustackframes'),
      jstackframes: options.number('jstackframes'),
      scratchsize: options.number('scratchsize'),
      ...(amin === undefined ? {} : { amin }),
    },
    name: text.name,
    kind: text.kind,
  });
  const program = generate(typed, diags);
  if (!diags.failed) {
    const rejections = verifyProgram(program);
    if (rejections.length > 0) bug('verify', JSON.stringify(rejections[0]));
  }
  return { program, macros };
}

function toSourceText(text: CompileText): SourceText {
  const kind = text.kind === 'script' || text.kind === 'library' ? text.kind : 'string';
  return sourceText(kind, text.name, text.text);
}
