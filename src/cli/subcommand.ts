/** What a subcommand that runs a session is handed by main.ts. */
import type { Diagnostic } from '../diag/diagnostics.ts';
import type { SessionHandle, SessionIo } from '../session/request.ts';

export interface Subcommand {
  /** To standard output. */
  readonly print: (text: string) => void;
  readonly io: SessionIo;
  readonly report: (list: readonly Diagnostic[]) => void;
  /** Signals end the session from now on; the result undoes that. */
  readonly begun: (handle: SessionHandle) => () => void;
}
