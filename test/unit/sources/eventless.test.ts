/** Long text without any event: the event loop gets a turn, so that Ctrl-C is heard, whatever the source is. */
import { afterAll, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import type { Diagnostic } from '../../../src/diag/diagnostics.ts';
import { EventBatch } from '../../../src/machine/event-batch.ts';
import { NO_NEEDS } from '../../../src/machine/needs.ts';
import { openReplay } from '../../../src/sources/replay.ts';
import type { EventSource, ReplayRequest } from '../../../src/sources/source.ts';
import { findTextTrace, openTextTrace } from '../../../src/sources/text-trace/open.ts';
import { scratchFolder } from '../../support/sources-lab.ts';

const scratch = scratchFolder();
afterAll(scratch.remove);

const NOISE = 'a line that is no event\n'.repeat(50_000); // 300 windows
const record = (seq: number): string =>
  `${String(seq).padStart(6, ' ')}: v=80 e=0000 i=1 cpl=3 IP=0033:0000000000401000 pc=0000000000401000 SP=002b:00007ffc00000000 env->regs[R_EAX]=0000000000000001\n`;
const HEAD = '# tracer: nop\n#\n';
const wakeup = (n: number): string =>
  `            init-1       [000] d..1.     1.00000${n}: sched_wakeup: comm=a pid=1 prio=120 target_cpu=000\n`;

async function openText(replay: ReplayRequest): Promise<EventSource | Diagnostic> {
  const trace = await findTextTrace({
    beginning: HEAD + wakeup(0),
    syscalls: async () => ({ personality: '', names: new Map() }),
    paths: replay.paths,
    stdin: 0,
    follow: false,
    format: undefined,
    categories: undefined,
    readFile: () => undefined,
  });
  if (trace === undefined || 'tag' in trace) throw new Error('no trace');
  return openTextTrace(trace, replay);
}

test.each([
  ['a log', openReplay, [record(0) + NOISE + record(1)], 2],
  ['a set', openReplay, [record(0) + NOISE + record(2), record(1) + record(3)], 4],
  ['a text trace', openText, [HEAD + wakeup(0) + NOISE + wakeup(1)], 2],
])('%s', async (name, open, texts, expected) => {
  const paths = texts.map((text, i) => scratch.write(`${name}${i}`, text));
  const memory = new LinearMemory();
  const batch = new EventBatch(memory);
  const source = await open({ paths, needs: NO_NEEDS, memory, stdin: 0, scan: 'fast', windowBytes: 4096 });
  if ('tag' in source) throw new Error(source.message);
  let [events, turns] = [0, 0];
  for (let count = -1; count !== 0; ) {
    const filled = source.fill(batch);
    if (filled instanceof Promise) setImmediate(() => turns++);
    count = (await filled) as number;
    events += count;
  }
  expect([events, turns > 0]).toEqual([expected, true]);
  await source.close();
});
