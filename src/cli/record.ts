/** `trapline record -o DIR -- COMMAND`: its words, and the run. */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import { abandonAtExit, routeSignals } from './signals.ts';

export interface RecordWords {
  readonly folder: string;
  readonly words: readonly string[];
}

const RECORD_USAGE = 'trapline record -o DIR -- qemu-system-x86_64 …';

/** `-o DIR`, then the command, behind -- or from the first word that is no switch of ours. */
export function parseRecord(words: readonly string[]): RecordWords | undefined {
  let folder: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') return made(folder, words.slice(i + 1));
    if (word === '-o' || word === '--output') folder = words[++i];
    else if (word.startsWith('-o') && !word.startsWith('--')) folder = word.slice(2);
    else if (word.startsWith('-')) return undefined;
    else return made(folder, words.slice(i));
  }
  return undefined;
}

function made(folder: string | undefined, words: readonly string[]): RecordWords | undefined {
  return folder && words.length > 0 ? { folder, words } : undefined;
}

export async function record(
  { folder, words }: RecordWords,
  err: (text: string) => void,
  report: (list: readonly Diagnostic[]) => void,
): Promise<number> {
  const place = { folder, words, workFolder: process.cwd(), env: process.env, nowMs: Date.now() };
  const { runRecord } = await import('../session/record.ts');
  const handle = runRecord(place, err);
  const undo = [routeSignals(handle), abandonAtExit(handle)];
  try {
    const { exitStatus, diagnostics } = await handle.done;
    if (diagnostics.length > 0) report(diagnostics);
    return exitStatus;
  } finally {
    for (const step of undo) step();
  }
}

export function recordUsage(): Diagnostic {
  return diagnostic('U_SUBCOMMAND', undefined, { message: `usage: ${RECORD_USAGE}` });
}
