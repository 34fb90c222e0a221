/**
 * Unpacking by the programs that people have for it. They are several times as fast as what can be done in JavaScript,
 * and work beside the scanner. In: compressed chunks, fed to the program's standard input. Out: what it prints.
 *
 * A program that is not there is no failure: the caller unpacks by other means. One that fails has said why on its
 * standard error, and what it printed before is handed out first.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { type ChunkReader, SocketChunks } from './chunks.ts';
import { PipeChunks } from './pipe.ts';

export interface Unpacking {
  next(): Promise<Uint8Array | undefined>;
  /** As in ChunkReader: both or neither. */
  readonly take?: ChunkReader['take'];
  readonly wait?: ChunkReader['wait'];
  /** Nobody will ask for more. */
  abandon(): void;
}

/** The program was ended by somebody else, so nothing is known about the data. */
export class ProgramKilled extends Error {
  readonly program: string;
  readonly signal: string;
  constructor(program: string, signal: string) {
    super(`${program} was killed by ${signal}`);
    this.program = program;
    this.signal = signal;
  }
}

/** Windows of up to 2 GiB (--long) are read as well: whoever packed with them had the memory. */
const PROGRAMS = {
  xz: { command: 'xz', args: ['-dc'] },
  zstd: { command: 'zstd', args: ['-dc', '--long=31', '--no-progress'] },
} as const;
export type ProgramFormat = keyof typeof PROGRAMS;

/** What a program says is short; the rest is thrown away. */
const MAX_COMPLAINT = 1000;

/** Undefined when the program is not there. */
export async function unpackedByProgram(
  format: ProgramFormat,
  packed: ChunkReader,
): Promise<Unpacking | undefined> {
  const { command, args } = PROGRAMS[format];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  if (!(await hasStarted(child))) return undefined;
  const said = complaintOf(child);
  const ended = new Promise<Error | undefined>((resolve) => {
    child.on('close', (status, signal) => {
      if (signal !== null) resolve(new ProgramKilled(command, signal));
      else resolve(status === 0 ? undefined : new Error(said() || `${command} ended with status ${status}`));
    });
  });
  const printed = outputOf(child.stdout as Socket);
  const fed = feed(child, packed);
  // A program that fails may leave packed data that is still to come.
  const failure = Promise.race([
    fed.then((unread) => unread ?? ended),
    ended.then((complaint) => complaint ?? fed),
  ]);
  const wait = async (): Promise<boolean> => {
    if (await printed.wait()) return true;
    const reason = await failure;
    if (reason !== undefined) throw reason;
    return false;
  };
  return {
    next: async () => ((await wait()) ? printed.next() : undefined),
    take: (bytes, at, size) => printed.take(bytes, at, size),
    wait,
    abandon() {
      printed.close();
      child.stdin.destroy();
      child.kill();
    },
  };
}

/**
 * Its socket would make a buffer of each read, and there are so many that collecting them is most of the work. Nothing is
 * written to memory of one's own but by a socket that was made so; that one gets the handle, which Node does not document.
 */
function outputOf(stdout: Socket & { _handle?: object | null }): PipeChunks | SocketChunks {
  const { _handle: handle } = stdout;
  if (!handle) return new SocketChunks(stdout);
  stdout._handle = null;
  stdout.destroy();
  return new PipeChunks(handle);
}

function hasStarted(child: ChildProcessWithoutNullStreams): Promise<boolean> {
  return new Promise((resolve) => {
    child.on('spawn', () => resolve(true));
    child.on('error', () => resolve(false)); // stays: nothing else is to happen when a signal cannot be sent
  });
}

/** What the program said last, without the names it has for itself and its input. */
function complaintOf(child: ChildProcessWithoutNullStreams): () => string {
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    if (text.length < MAX_COMPLAINT) text += part;
  });
  return () =>
    (text.trim().split('\n').at(-1) ?? '').replace(/^(xz: \(stdin\)|(zstd: )?\/\*stdin\*\\ *): /, '').trim();
}

/** Resolves with why the compressed data could not be read, if that ended it. */
async function feed(
  { stdin }: ChildProcessWithoutNullStreams,
  packed: ChunkReader,
): Promise<Error | undefined> {
  let isGone = false; // a program that has met damage does not read on
  let wake = (): void => {};
  stdin.on('drain', () => wake());
  for (const event of ['error', 'close'])
    stdin.on(event, () => {
      isGone = true;
      wake();
    });
  try {
    for (let chunk = await packed.next(); chunk !== undefined && !isGone; chunk = await packed.next()) {
      if (stdin.write(chunk)) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (isGone) resolve();
      });
    }
    if (!isGone) stdin.end();
    return undefined;
  } catch (error) {
    stdin.destroy();
    return error instanceof Error ? error : new Error(String(error));
  }
}
