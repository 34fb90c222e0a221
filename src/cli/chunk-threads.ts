/** Threads that trace pieces of a log (session/parallel): they run the program's own file. */
import { realpathSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { FromThread, HelperThread, ThreadSetup } from '../session/parallel/thread.ts';

/** Not a word that anybody types. */
export const CHUNK_THREAD = '\0chunk-thread';

export function startChunkThread(program: string, setup: ThreadSetup): HelperThread {
  const worker = new Worker(realpathSync(program), {
    argv: [CHUNK_THREAD],
    workerData: setup,
    execArgv: [],
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
