/** A set of logs, merged: what is not about the order of events (test/replay has that). */
import { afterAll, expect, test } from 'vitest';
import { LinearMemory } from '../../../src/base/linear-memory.ts';
import { EventBatch } from '../../../src/machine/event-batch.ts';
import { NO_NEEDS } from '../../../src/machine/needs.ts';
import { openReplay } from '../../../src/sources/replay.ts';
import { scratchFolder } from '../../support/sources-lab.ts';

const scratch = scratchFolder();
afterAll(scratch.remove);

const record = (seq: number): string =>
  `${String(seq).padStart(6, ' ')}: v=80 e=0000 i=1 cpl=3 IP=0033:0000000000401000 pc=0000000000401000 SP=002b:00007ffc00000000 env->regs[R_EAX]=0000000000000001\n`;

test('the event loop gets a turn where a file has no events for long', async () => {
  const noise = 'a line that is no event\n'.repeat(50_000); // 300 windows
  const paths = [
    scratch.write('a.log', record(0) + noise + record(2)),
    scratch.write('b.log', record(1) + record(3)),
  ];
  const memory = new LinearMemory();
  const batch = new EventBatch(memory);
  const source = await openReplay({
    paths,
    needs: NO_NEEDS,
    memory,
    stdin: 0,
    scan: 'fast',
    windowBytes: 4096,
  });
  if ('tag' in source) throw new Error(source.message);
  let [events, turns] = [0, 0];
  for (let count = -1; count !== 0; ) {
    const filled = source.fill(batch);
    if (filled instanceof Promise) setImmediate(() => turns++);
    count = (await filled) as number;
    events += count;
  }
  expect([events, turns > 0]).toEqual([4, true]);
  await source.close();
});
