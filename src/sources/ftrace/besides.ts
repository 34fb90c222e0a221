/**
 * What an ftrace event tells that is a probe of other sources as well: deliveries of interrupts, page faults, system calls.
 *
 * Results of raw_syscalls:sys_exit have the call's number, except behind sigreturn, where it is -1; then it is that of the
 * thread's last entry. Returns from interrupts have the time since the CPU's last delivery that has not returned.
 */
import type { FieldValues, PointTable } from '../text-trace/points.ts';
import type { Fired, Place, SyscallNames } from './place.ts';

const VECINFO = { argumentTypes: ['vecinfo_t *'] };
const ENTRY = { argumentTypes: Array<string>(6).fill('int64_t') };
const RETURN = { argumentTypes: ['int64_t', 'int64_t'] };
const MOST_ERRNO = 4095;
export const USER_LEVEL = 3;

type Values = ReadonlyMap<string, string>;

interface Delivery {
  readonly vector: number;
  readonly timeNs: number;
}

export class Besides {
  private readonly table: PointTable;
  private readonly syscalls: SyscallNames;
  private readonly deliveries: Delivery[][] = []; // by CPU
  private readonly calls = new Map<number | undefined, string>(); // by thread

  constructor(table: PointTable, syscalls: SyscallNames) {
    this.table = table;
    this.syscalls = syscalls;
  }

  of(event: string, values: Values, place: Place): Fired | undefined {
    const vector = Number(values.get('vector') ?? Number.NaN);
    if (vector >= 0 && vector < 256 && event.endsWith('_entry')) return this.enter(vector, place);
    if (vector >= 0 && vector < 256 && event.endsWith('_exit')) return this.leave(vector, place);
    if (event === 'page_fault_user') return this.pageFault(values, USER_LEVEL);
    if (event === 'page_fault_kernel') return this.pageFault(values, 0);
    const id = Number(values.get('id') ?? Number.NaN);
    const args = [...values.values()];
    if (event === 'sys_enter' && id >= 0) return this.entry(this.nameOf(id), args.slice(1, 7), place);
    if (event === 'sys_exit' && !Number.isNaN(id)) {
      const call = this.callOf(id, place.tid);
      return call === undefined ? undefined : this.result(call, values.get('ret'));
    }
    if (event.startsWith('sys_enter_'))
      return this.entry(event.slice('sys_enter_'.length), args.slice(0, 6), place);
    if (event.startsWith('sys_exit_')) return this.result(event.slice('sys_exit_'.length), values.get('ret'));
    return undefined;
  }

  nameOf(id: number): string {
    return this.syscalls.names.get(id) ?? `sys_${id}`;
  }

  /** Behind sigreturn a result has the number -1. */
  callOf(id: number, tid: number | undefined): string | undefined {
    return id >= 0 ? this.nameOf(id) : this.calls.get(tid);
  }

  enteredCall(call: string, tid: number | undefined): void {
    this.calls.set(tid, call);
  }

  entered(vector: number, cpu: number, timeNs: number): void {
    const open = this.openOf(cpu);
    if (open.length > MOST_NESTED) open.shift();
    open.push({ vector, timeNs });
  }

  /** Nanoseconds since the delivery that ends here; NaN when that is not in the trace. */
  left(vector: number, cpu: number, timeNs: number): number {
    const open = this.openOf(cpu);
    for (let i = open.length - 1; i >= 0; i--) {
      if (open[i]!.vector !== vector) continue;
      const since = timeNs - open[i]!.timeNs;
      open.length = i;
      return since;
    }
    return Number.NaN;
  }

  private openOf(cpu: number): Delivery[] {
    const open = this.deliveries[cpu];
    if (open !== undefined) return open;
    this.deliveries[cpu] = [];
    return this.deliveries[cpu];
  }

  private enter(vector: number, { cpu, timeNs }: Place): Fired {
    this.entered(vector, cpu, timeNs);
    return {
      point: this.table.number('vec', 'interrupt', 'irq', vectorName(vector), VECINFO),
      values: interruptValues(vector, 0),
    };
  }

  private leave(vector: number, { cpu, timeNs }: Place): Fired {
    const since = this.left(vector, cpu, timeNs);
    return {
      point: this.table.number('vec', 'interrupt', 'irq', 'return', VECINFO),
      values: interruptValues(vector, since),
    };
  }

  private pageFault(values: Values, level: number): Fired {
    const [address, pc] = [values.get('address'), hexOnly(values.get('ip'))];
    return {
      point: this.table.number('vec', 'exception', 'page_fault', '0x0e', VECINFO),
      values: pageFaultValues(values.get('error_code'), address, pc, level),
      place: { level, ...(pc !== undefined && { pc }), ...(address !== undefined && { address }) },
    };
  }

  private entry(call: string, args: FieldValues, { tid }: Place): Fired {
    this.enteredCall(call, tid);
    const { personality } = this.syscalls;
    return { point: this.table.number('syscall', personality, call, 'entry', ENTRY), values: args };
  }

  private result(call: string, ret: string | undefined): Fired {
    const value = ret !== undefined && RESULT.test(ret) ? BigInt(ret) : undefined; // a torn line has less than a number
    const signed = value === undefined ? 0n : BigInt.asIntN(64, value);
    const { personality } = this.syscalls;
    return {
      point: this.table.number('syscall', personality, call, 'return', RETURN),
      values: resultValues(value),
      errno: signed < 0n && signed >= -MOST_ERRNO ? Number(-signed) : 0,
    };
  }
}

const RESULT = /^(?:0x[0-9a-f]+|-?\d+)$/i;

export function vectorName(vector: number): string {
  return `0x${vector.toString(16).padStart(2, '0')}`;
}

/** Arguments of a delivery, or of the return from it so long after. */
export function interruptValues(vector: number, sinceNs: number): FieldValues {
  const since = Number.isNaN(sinceNs) ? undefined : hexText(Math.round(sinceNs));
  return [hexText(vector), since, '0', undefined, undefined, '0', '1'];
}

export function pageFaultValues(
  code: string | undefined,
  address: string | undefined,
  pc: string | undefined,
  level: number,
): FieldValues {
  return ['e', code, address, pc, hexText(level), '0', '0'];
}

export function resultValues(value: bigint | undefined): FieldValues {
  const shown = value === undefined ? undefined : BigInt.asUintN(64, value).toString(16);
  return [shown, shown];
}

/** The error that a result tells; 0 for none. */
export function errnoOf(result: number): number {
  return result < 0 && result >= -MOST_ERRNO ? -result : 0;
}

/** Deliveries of one CPU that have not returned; more were lost. */
const MOST_NESTED = 15;

function hexText(value: number): string {
  return value.toString(16);
}

/** In the kernel a place may be a symbol, which is no number. */
function hexOnly(value: string | undefined): string | undefined {
  return value !== undefined && /^0x[0-9a-f]+$/.test(value) ? value : undefined;
}
