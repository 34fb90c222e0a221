/**
 * How an Arm or RISC-V guest ended: its logs have no #DF and no triple fault. A kernel that cannot go on takes the same fault again
 * and again, often that of its own handler, and the log goes on until somebody stops it.
 *
 *   fateProgram ─run─▶ rows ─fatesOf─▶ fates, the events to explain, what to say of them
 *
 * A fault is the same when cause, pc and address are. A system call or another fault between two shows that the guest got on;
 * interrupts do not.
 */
import type { Architecture } from '../machine/causes.ts';
import { classTitle } from './arm-syndrome.ts';
import { place } from './places.ts';
import { exceptionTitle } from './riscv-facts.ts';
import { bits, hex, number, type Row, rowsOf } from './rows.ts';
import type { Target } from './targets.ts';

/** Demand paging, copy on write and a signal make one fault come two or three times. */
const MIN_REPEATS = 8;

export interface Fate {
  readonly cpu: number;
  readonly event: number; // the first of the same
  readonly line: number;
  readonly repeats: number;
  readonly vector: number;
  readonly pc: bigint;
  readonly address: bigint;
  readonly isLast: boolean; // the CPU had no other exception after it
  /** The event before it, whose handler is at pc, or may be: what was to be fetched is where it went. */
  readonly root: { readonly event: number; readonly isHandler: boolean } | undefined;
}

export const fateProgram = `#pragma D option quiet
#pragma D option unsafe

/* State, of each CPU. */
uint64_t run[int];
uint64_t run_event[int];
uint64_t run_line[int];
uint64_t fault_vector[int];
uint64_t fault_pc[int];
uint64_t fault_address[int];
uint64_t same[int];
uint64_t before[int];
uint64_t last[int];
uint64_t table[int];
uint64_t own_table[int];
uint64_t last_fault[int];
uint64_t any_event;

vec:exception::
{
	same[cpu] = run[cpu] && fault_vector[cpu] == arg0 && fault_pc[cpu] == arg3 && fault_address[cpu] == arg2;
	run_event[cpu] = same[cpu] ? run_event[cpu] : seq;
	run_line[cpu] = same[cpu] ? run_line[cpu] : line;
	before[cpu] = same[cpu] ? before[cpu] : last[cpu];
	own_table[cpu] = same[cpu] ? own_table[cpu] : table[cpu];
	run[cpu] = same[cpu] ? run[cpu] + 1 : 1;
	fault_vector[cpu] = arg0;
	fault_pc[cpu] = arg3;
	fault_address[cpu] = arg2;
	@ends[cpu] = max(seq);
	@formers[cpu] = max(last_fault[cpu]);
	last_fault[cpu] = seq;
}

vec:exception::
/run[cpu] == ${MIN_REPEATS}/
{
	printf("again line=%d event=%d cpu=%d vector=%d pc=%#x address=%#x before=%d table=%#x\\n", run_line[cpu], run_event[cpu],
	    cpu, arg0, arg3, arg2, before[cpu], own_table[cpu]);
}

vec:exception::
/run[cpu] >= ${MIN_REPEATS}/
{
	@runs[cpu, run_event[cpu]] = count();
	@lasts[cpu, run_event[cpu]] = max(seq);
}

vec:soft::
{
	run[cpu] = 0;
}

vec:::
{
	any_event = 1;
	last[cpu] = seq + 1;
}

/* Where the handlers are, as far as the log tells: Arm's vector table. */
vec:::
{
	table[cpu] = (new_pc & ~2047) + 1;
}

cpu:::reset
/any_event/
{
	printf("reset line=%d event=%d cpu=%d\\n", line, seq, cpu);
}

END
{
	printa("run cpu=%d event=%d count=%@d\\n", @runs);
	printa("until cpu=%d event=%d last=%@d\\n", @lasts);
	printa("end cpu=%d last=%@d\\n", @ends);
	printa("former cpu=%d last=%@d\\n", @formers);
}
`;

/** `lastEvent` of the log, which may have been cut when QEMU was ended: then it is half an event, and no sign of progress. */
export function fatesOf(rows: readonly Row[], lastEvent: number): Fate[] {
  const key = (row: Row) => `${number(row, 'cpu')} ${number(row, 'event')}`;
  const counts = new Map(rowsOf(rows, 'run').map((row) => [key(row), number(row, 'count')]));
  const untils = new Map(rowsOf(rows, 'until').map((row) => [key(row), number(row, 'last')]));
  const lasts = (word: string) =>
    new Map(rowsOf(rows, word).map((row) => [number(row, 'cpu'), number(row, 'last')]));
  const [ends, formers] = [lasts('end'), lasts('former')];
  const isLast = (cpu: number, until: number | undefined): boolean =>
    until === ends.get(cpu) || (ends.get(cpu) === lastEvent && until === formers.get(cpu));
  return rowsOf(rows, 'again').map((row) => ({
    cpu: number(row, 'cpu'),
    event: number(row, 'event'),
    line: number(row, 'line'),
    repeats: MIN_REPEATS - 1 + (counts.get(key(row)) ?? 1),
    vector: number(row, 'vector'),
    pc: bits(row, 'pc'),
    address: bits(row, 'address'),
    isLast: isLast(number(row, 'cpu'), untils.get(key(row))),
    root: rootOf(row),
  }));
}

const TABLE_BYTES = 2048n;

/** The event before, when the fault is that of its handler: it lies in the vector table, or was to be fetched. */
function rootOf(row: Row): Fate['root'] {
  const [before, pc, base] = [number(row, 'before'), bits(row, 'pc'), bits(row, 'table') - 1n];
  if (before === 0) return undefined;
  const isHandler = base >= 0n && pc >= base && pc < base + TABLE_BYTES;
  const isFetch = pc !== 0n && pc === bits(row, 'address');
  return isHandler || isFetch ? { event: before - 1, isHandler } : undefined;
}

/** The events to explain: where what never ended began. */
export function fateTargets(fates: readonly Fate[]): Target[] {
  return fates
    .filter(({ isLast }) => isLast)
    .map((fate) => ({ event: fate.root?.event ?? fate.event, why: whyText(fate), cascade: undefined }));
}

function whyText({ root, repeats, cpu, pc }: Fate): string {
  if (root === undefined) return `CPU ${cpu} took it ${repeats} times and got no further`;
  const what = root.isHandler
    ? `its handler at ${hex(pc)} faults itself`
    : `what was to run after it, at ${hex(pc)}, cannot be fetched`;
  return `${what}: CPU ${cpu} took that fault ${repeats} times and got no further`;
}

/** What is to be said of an event's fate. */
export function fateLines(
  fates: readonly Fate[],
  event: number,
  traces: readonly string[],
  architecture: Architecture,
): string[] {
  const title = architecture === 'riscv' ? exceptionTitle : classTitle;
  return fates
    .filter((fate) => fate.event === event || fate.root?.event === event)
    .map(({ event: first, line, repeats, vector, pc, address, isLast }) => {
      const end = isLast ? ', to the end of the log' : '';
      const at = address === 0n ? '' : `, address ${hex(address)}`;
      return `event ${first} (${place(traces, line)}): the same ${title(vector)} ${repeats} times at pc ${hex(pc)}${at}, with no call between them${end}`;
    });
}
