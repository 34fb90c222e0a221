/** Threads that trace pieces of a log (session/parallel): they run the program's own file. */
import { realpathSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { FromThread, HelperThread, ThreadSetup } from '../session/parallel/thread.ts';

/** Not a word that anybody types. */
export const CHUNK_THREAD = '\0chunk-thread';

/** Tracing leaves little garbage, and room for more of it would be the most of a thread's memory. */
const YOUNG_MB = 2;

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
