/**
 * Runs programs for `trapline report` and `trapline explain`: the same session as everybody's, whose output comes back as
 * text instead of going to standard output.
 */
import { LinearMemory } from '../base/linear-memory.ts';
import { createOptions } from '../dif/options.ts';
import type { Architecture } from '../machine/causes.ts';
import { runSession } from '../session.ts';
import { tellTargets } from '../sources/replay.ts';
import type { SessionIo, SessionRequest, SessionResult } from './request.ts';

export interface ProgramRun {
  readonly traces: readonly string[];
  readonly program: string;
  readonly programName: string;
}

export type ProgramOutput =
  | { readonly text: string; readonly isInterrupted: boolean }
  | { readonly failed: SessionResult };

/** Exit status of a command that a signal has kept from its end, as shells have it of SIGINT. */
export const INTERRUPTED_STATUS = 130;

/** Room for the counts of a very long log. */
const AGGREGATION_BYTES = '64m';
const DYNAMIC_BYTES = '16m';

/**
 * `begun` gets the handle for signals. Faults of single clauses are expected: a record without a register dump has no
 * registers, and counts as what the other clauses say of it.
 */
export async function runProgram(
  { traces, program, programName }: ProgramRun,
  io: SessionIo,
  begun: (handle: ReturnType<typeof runSession>) => () => void,
): Promise<ProgramOutput> {
  const chunks: Uint8Array[] = [];
  const handle = runSession(request(traces, program, programName), {
    ...io,
    out: { write: (bytes) => void chunks.push(bytes.slice()) },
    err: (text) => {
      if (!/^trapline: error on enabled probe/.test(text)) io.err(text);
    },
  });
  const undo = begun(handle);
  try {
    const result = await handle.done;
    if (result.exitStatus !== 0) return { failed: result };
    return { text: Buffer.concat(chunks).toString('latin1'), isInterrupted: handle.isInterrupted === true };
  } finally {
    undo();
  }
}

function request(traces: readonly string[], text: string, name: string): SessionRequest {
  const options = createOptions();
  // A log without times has a clock that stands still, which tells us so.
  options.set('clock', 'trace', 'command');
  options.set('aggsize', AGGREGATION_BYTES, 'command');
  options.set('dynvarsize', DYNAMIC_BYTES, 'command');
  return {
    mode: 'run',
    programs: [{ kind: 'script', name, text }],
    macroArguments: [],
    programName: name,
    options,
    traces,
    follow: false,
    mayStandStill: true,
    commands: [],
    guest: undefined,
    attach: undefined,
    symbols: [],
    plugin: false,
    disassemble: false,
    verbose: false,
  };
}

/** Whose log it is; one that cannot be read beforehand counts as x86. */
export async function architectureOf(traces: readonly string[]): Promise<Architecture> {
  const told = await tellTargets(traces, new LinearMemory());
  return told.find((target) => target !== undefined) ?? 'x86';
}
