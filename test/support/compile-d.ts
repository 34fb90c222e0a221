/** D text → verified Program, with a catalog in which every description matches one probe. */
import { check } from '../../src/check/check.ts';
import type { Kernel } from '../../src/check/kernel.ts';
import { Scope } from '../../src/check/scope.ts';
import { generate } from '../../src/codegen/generate.ts';
import { type Diagnostic, Diagnostics } from '../../src/diag/diagnostics.ts';
import { sourceText } from '../../src/diag/span.ts';
import type { Program } from '../../src/dif/program.ts';
import { verifyProgram } from '../../src/dif/verify.ts';
import { parse } from '../../src/syntax/parse.ts';

/** `strsize` as the programs under test are compiled with. */
const STRSIZE = 256;

export function compileD(
  text: string,
  kernel?: Kernel,
): {
  readonly program: Program;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diags = new Diagnostics();
  const scope = new Scope(kernel);
  const tree = parse(sourceText('script', 'test.d', text), diags, {
    kind: 'script',
    isTypeName: (name) => scope.types.isTypeName(name),
    isIdentifier: (name) => scope.isIdentifier(name),
    macros: { args: [], programName: 'test.d', variables: {}, used: new Set() },
    setOption: () => undefined,
    flag: () => false,
  });
  const typed = check(tree, diags, {
    scope,
    catalog: { match: () => 1, argumentTypes: () => [] },
    options: { strsize: STRSIZE, zdefs: false },
    name: 'test.d',
    kind: 'script',
  });
  return { program: generate(typed, diags), diagnostics: diags.list };
}

/** A program that must compile, to code that the verifier accepts. */
export function compiledD(text: string, kernel?: Kernel): Program {
  const { program, diagnostics } = compileD(text, kernel);
  if (diagnostics.length > 0)
    throw new Error(diagnostics.map(({ tag, message }) => `${tag} ${message}`).join('\n'));
  const rejections = verifyProgram(program);
  if (rejections.length > 0) throw new Error(JSON.stringify(rejections, undefined, 1));
  return program;
}
