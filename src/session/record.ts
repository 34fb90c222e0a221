/** `trapline record` as the command line sees it: a request, a handle for signals, and the outcome. */
import { type Diagnostic, diagnostic } from '../diag/diagnostics.ts';
import { Recorder, type RecordRequest, whyNotRecordable } from '../live/record.ts';
import { PREFIX } from './notices.ts';
import type { SessionHandle, SessionResult } from './request.ts';

export type { RecordRequest };

export function runRecord(request: RecordRequest, err: (text: string) => void): SessionHandle {
  const recorder = new Recorder(request);
  return {
    done: record(recorder, request, err),
    interrupt: () => recorder.interrupt(),
    abandon: () => recorder.abandon(),
    // Nothing is traced, so there is no safe mode to change.
    setUnsafe: () => {},
    unsafe: false,
    keysAreTaken: true,
    status: () => 'an execution is being recorded',
  };
}

async function record(
  recorder: Recorder,
  request: RecordRequest,
  err: (text: string) => void,
): Promise<SessionResult> {
  const refusal = whyNotRecordable(request.words);
  if (refusal) return refused(refusal);
  const made = await recorder.run();
  if (!('recording' in made)) return refused(made);
  const { recording, hasTimes } = made;
  err(
    `${PREFIX}${request.folder} holds the execution: ${recording.records} interrupts${hasTimes ? '' : ', whose times are not known'}; -t ${request.folder} replays it\n`,
  );
  return { exitStatus: 0, diagnostics: [] };
}

function refused([reason, hint]: readonly [string, string]): SessionResult {
  const d: Diagnostic = diagnostic('U_RECORD', undefined, { reason }, { hint });
  return { exitStatus: 1, diagnostics: [d] };
}
