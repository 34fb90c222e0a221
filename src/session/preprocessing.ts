/**
 * `-C`: a script's text as the preprocessor leaves it. Ours (room preprocess), or with `-x cpppath` a program of the
 * system that reads standard input and writes standard output.
 */
import type { Diagnostics } from '../diag/diagnostics.ts';
import { type SourceText, sourceText } from '../diag/span.ts';
import type { Options } from '../dif/options.ts';
import { predefinedValues } from '../preprocess/macro-table.ts';
import { preprocess } from '../preprocess/preprocess.ts';
import type { SessionIo } from './request.ts';

export type PreprocessIo = Pick<SessionIo, 'readFile' | 'runFilter' | 'err' | 'nowNs'>;

export function preprocessScript(
  name: string,
  text: string,
  options: Options,
  io: PreprocessIo,
  diags: Diagnostics,
): string {
  const script = sourceText('script', name, text);
  const command = options.text('cpppath');
  return command === undefined
    ? preprocessHere(script, options, io, diags)
    : preprocessThere(command, script, options, io, diags);
}

const DEFAULT_DIALECT = 'a';
const UNDEFINED_STDC = 's';

function preprocessHere(script: SourceText, options: Options, io: PreprocessIo, diags: Diagnostics): string {
  const printNames = options.flag('cpphdrs');
  const more = settingsIn(options.texts('cppargs'));
  return preprocess(script, diags, {
    defines: [...options.texts('define'), ...more.D],
    undefines: [...options.texts('undef'), ...more.U],
    includeDirectories: [...options.texts('incdir'), ...more.I],
    dialect: options.text('stdc') ?? DEFAULT_DIALECT,
    wallMs: Number(io.nowNs() / 1_000_000n),
    readFile: (path) => io.readFile(path),
    ...(printNames ? { included: (path: string) => io.err(`${path}\n`) } : {}),
  });
}

/** What `-x cppargs` says of macros and directories; the rest is for preprocessors of the system. */
function settingsIn(texts: readonly string[]): Record<'D' | 'U' | 'I', string[]> {
  const found: Record<'D' | 'U' | 'I', string[]> = { D: [], U: [], I: [] };
  for (const text of texts)
    for (const [, letter, value] of text.matchAll(/(?:^|\s)-([DUI])\s*(\S+)/g))
      found[letter as 'D' | 'U' | 'I'].push(value!);
  return found;
}

function preprocessThere(
  command: string,
  { name, text }: SourceText,
  options: Options,
  io: PreprocessIo,
  diags: Diagnostics,
): string {
  const input = text.startsWith('#!') ? text.replace(/^.*/, '') : text;
  const result = io.runFilter(command, commandArguments(name, options), input);
  if (typeof result === 'string') {
    diags.report('D_CPP', undefined, { message: result }, { hint: `-x cpppath names it: ${command}` });
    return '';
  }
  io.err(result.stderr);
  if (result.status !== 0) {
    diags.report('D_CPP', undefined, { message: 'Preprocessor failed to process input program' });
  }
  return result.stdout.replace(/^(# \d+ )"<stdin>"/gm, (_, before: string) => `${before}"${name}"`);
}

/** As dtrace calls cpp: what is always defined, then the user's own, then where to look. */
function commandArguments(name: string, options: Options): string[] {
  const slash = name.lastIndexOf('/');
  const here = slash === -1 || name.startsWith('/dev/') ? '.' : name.slice(0, slash + 1);
  // Without -X, what __STDC__ is is the program's own business.
  const predefined = Object.entries(predefinedValues(options.text('stdc') ?? UNDEFINED_STDC));
  return [
    ...predefined.map(([macro, value]) => `-D${macro}=${value}`),
    ...options.texts('define').map((value) => `-D${value}`),
    ...options.texts('undef').map((value) => `-U${value}`),
    `-I${here}`,
    ...options.texts('incdir').map((value) => `-I${value}`),
    ...(options.flag('cpphdrs') ? ['-H'] : []),
    ...options.texts('cppargs'),
    '-',
  ];
}
