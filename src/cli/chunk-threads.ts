/** Threads that trace pieces of a log (session/parallel): they run the program's own file. */
import { realpathSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { FromThread, HelperThread, ThreadSetup } from '../session/parallel/thread.ts';

/** Not a word that anybody types. */
export const CHUNK_THREAD = '\0chunk-thread';

/** Tracing leaves little garbage, and room for more of it would be the most of a thread's memory. */
const YOUNG_MB = 2;

/**
 * How long V8 watches a function before it compiles it anew, in bytes of code run: four times as long as it does by itself.
 * Events are taken and clauses run in WebAssembly. What TypeScript does for each window is little, but in a large log often
 * enough to be compiled anew, in every thread, by threads of V8's own that take the processors from those that trace; and
 * by then most of the log is behind us.
 *
 * Told once a thread is ready: code that was compiled before, Node's and ours, is refused where V8 is set differently.
 */
const WATCHED_BYTES = 4 * 132 * 1024;

export function startChunkThread(program: string, setup: ThreadSetup): HelperThread {
  const worker = new Worker(realpathSync(program), {
    argv: [CHUNK_THREAD],
    workerData: setup,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    // What a thread says of its end is ours to say.
    stdout: true,
    stderr: true,
  });
  worker.once('message', () => setFlagsFromString(`--interrupt-budget=${WATCHED_BYTES}`));
  return {
    post: (message) => worker.postMessage(message),
    listen: (take, ended) => {
      worker.on('message', (message: FromThread) => take(message));
      worker.on('error', ended);
      worker.on('exit', ended);
    },
    stop: () => void worker.terminate(),
  };
}
