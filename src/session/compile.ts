/**
 * The compile half of a session: program texts → verified Programs, in command-line order, sharing one scope.
 *
 *   scripts ─ -C: preprocessing.ts ─▶ texts
 *   trapline's own library, libraries of -L (libraries.ts), texts ─▶ parse, check, generate, verify
 *
 * A library declares and is no program: its clauses are compiled and forgotten. Files are read through `io`; a
 * description may make a probe in the probe table (`tick-7s`); else this is pure. Stops at the first text in error, as
 * dtrace does. A Program that the verifier refuses is a bug of ours, not the user's.
 */
import { bug } from '../base/assert.ts';
import type { ProbeCatalog } from '../check/catalog.ts';
import { check } from '../check/check.ts';
import type { Kernel } from '../check/kernel.ts';
import { Scope } from '../check/scope.ts';
import { generate } from '../codegen/generate.ts';
import { type Diagnostic, Diagnostics } from '../diag/diagnostics.ts';
import { type SourceText, sourceText } from '../diag/span.ts';
import { LIBRARY_WORDS } from '../dif/library.ts';
import type { Options } from '../dif/options.ts';
import type { Program } from '../dif/program.ts';
import { verifyProgram } from '../dif/verify.ts';
import type { Program as SyntaxTree } from '../syntax/ast.ts';
import {
  checkUnusedArguments,
  type DependencyKind,
  type MacroArguments,
  type ParseOptions,
  parse,
} from '../syntax/parse.ts';
import { parseProbePattern } from '../syntax/probe-pattern.ts';
import { dependencyOrder, findLibraries, type LibraryFiles } from './libraries.ts';
import { PREFIX } from './notices.ts';
import type { PreprocessIo, preprocessScript } from './preprocessing.ts';
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
  /** With -C; the preprocessor is loaded only then. */
  readonly preprocess: typeof preprocessScript | undefined;
  readonly io: PreprocessIo & LibraryFiles;
  /** The guest's, as far as symbol files tell. */
  readonly kernel?: Kernel | undefined;
}

/** What the texts of one session share while they are compiled. */
interface Unit {
  readonly context: CompileContext;
  readonly scope: Scope;
  readonly used: Set<number>; // numbers of the macro arguments that were referenced
  readonly libraries: Map<string, 'waiting' | 'loaded' | 'failed'>; // by file name
}

export function compilePrograms(texts: readonly ProgramText[], context: CompileContext): Compiled {
  const unit: Unit = { context, scope: new Scope(context.kernel), used: new Set(), libraries: new Map() };
  const programs: { text: ProgramText; program: Program }[] = [];
  const diags = new Diagnostics();
  const prepared: CompileText[] = [];
  for (const text of texts) {
    prepared.push(preparedText(text, context, diags));
    if (diags.failed) return { programs, diagnostics: diags.list, failed: text };
  }
  const libraries = context.options.flag('nolibs') ? [] : userLibraries(context);
  if ([...libraries, ...prepared].some((text) => NEEDS_LIBRARY.test(text.text))) {
    compileOne(libraryText(context.library), unit, diags);
  }
  loadLibraries(libraries, unit, diags);
  if (diags.failed) return { programs, diagnostics: diags.list, failed: undefined };
  let macros: MacroArguments | undefined;
  for (const [index, text] of texts.entries()) {
    const one = compileOne(prepared[index] ?? text, unit, diags);
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

/** With -C, a script is what the preprocessor makes of it. */
function preparedText(
  text: ProgramText,
  { options, io, preprocess }: CompileContext,
  diags: Diagnostics,
): ProgramText {
  if (text.kind !== 'script' || preprocess === undefined) return text;
  return { ...text, text: preprocess(text.name, text.text, options, io, diags) };
}

function userLibraries({ options, io }: CompileContext): CompileText[] {
  const directories = [...options.texts('libdir'), ...options.texts('syslibdir')];
  const complain = (message: string): void => io.err(`${PREFIX}${message}\n`);
  return dependencyOrder(findLibraries(directories, io, complain)).map(
    ({ path, text }): CompileText => ({ kind: 'library', name: path, text }),
  );
}

/** A library whose needs are not met is left out without a word; any other error in one ends the compilation. */
function loadLibraries(libraries: readonly CompileText[], unit: Unit, diags: Diagnostics): void {
  for (const { name } of libraries) unit.libraries.set(fileName(name), 'waiting');
  for (const library of libraries) {
    const own = new Diagnostics();
    compileOne(library, unit, own);
    unit.libraries.set(fileName(library.name), own.failed ? 'failed' : 'loaded');
    if (!own.failed || own.list[0]?.tag === 'D_PRAGMA_DEPEND') continue;
    diags.list.push(...own.list);
    return;
  }
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * Why what a library depends on is not there. It is asked while the library is parsed, so that one that is left out
 * has declared nothing; what other programs depend on is held against them by the checker.
 */
function unmetDependency(unit: Unit, kind: DependencyKind, name: string): string | undefined {
  if (kind === 'library') {
    const state = unit.libraries.get(fileName(name));
    if (state === undefined) return `failed to find dependency in libpath: ${name}`;
    return state === 'loaded' ? undefined : `program requires library "${name}" which failed to load`;
  }
  const pattern = parseProbePattern(name, kind);
  const known = !('error' in pattern) && unit.context.catalog.match(pattern) > 0;
  return known ? undefined : `program requires ${kind} ${name}`;
}

function compileOne(
  text: CompileText,
  unit: Unit,
  diags: Diagnostics,
): { program: Program; macros: MacroArguments } {
  const { scope, context, used } = unit;
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
    ...(text.kind === 'library'
      ? { unmetDependency: (kind, name) => unmetDependency(unit, kind, name) }
      : {}),
    flag: (name) => options.flag(name),
  };
  const read = parse(source, diags, parseOptions);
  // A library that is left out declares nothing.
  const tree: SyntaxTree = text.kind === 'library' && diags.failed ? { ...read, items: [] } : read;
  const amin = options.text('amin');
  const version = options.text('version');
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
      hasTarget: context.macroVariables['target'] !== 0n,
      // A minimum is asked of what the user wrote; what comes with trapline depends on the traced system by nature.
      ...(amin === undefined || text.kind === 'library' ? {} : { amin }),
      ...(version === undefined ? {} : { version }),
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
  const source = sourceText(kind, text.name, text.text);
  if (kind === 'library') source.lineDirectives.push({ start: 0, line: 1, file: text.name });
  return source;
}
