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
const USER_LEVEL = 3;

type Values = ReadonlyMap<string, string>;

export function besides(
  table: PointTable,
  { personality, names }: SyscallNames,
): (event: string, values: Values, place: Place) => Fired | undefined {
  const deliveries = new Map<number, { readonly vector: number; readonly timeNs: number }[]>(); // by CPU
  const calls = new Map<number | undefined, string>(); // by thread
  const nameOf = (id: number): string => names.get(id) ?? `sys_${id}`;

  const enter = (vector: number, { cpu, timeNs }: Place): Fired => {
    const open = deliveries.get(cpu) ?? [];
    deliveries.set(cpu, [...open.slice(-MOST_NESTED), { vector, timeNs }]);
    const point = table.number(
      'vec',
      'interrupt',
      'irq',
      `0x${vector.toString(16).padStart(2, '0')}`,
      VECINFO,
    );
    return { point, values: [text(vector), '0', '0', undefined, undefined, '0', '1'] };
  };
  const leave = (vector: number, { cpu, timeNs }: Place): Fired => {
    const open = deliveries.get(cpu) ?? [];
    const last = open.findLastIndex((delivery) => delivery.vector === vector);
    const sinceNs = last < 0 ? Number.NaN : timeNs - open[last]!.timeNs;
    if (last >= 0) deliveries.set(cpu, open.slice(0, last));
    const since = Number.isNaN(sinceNs) ? undefined : text(Math.round(sinceNs));
    return {
      point: table.number('vec', 'interrupt', 'irq', 'return', VECINFO),
      values: [text(vector), since, '0', undefined, undefined, '0', '1'],
    };
  };
  const pageFault = (values: Values, level: number): Fired => {
    const [address, pc] = [values.get('address'), hexOnly(values.get('ip'))];
    return {
      point: table.number('vec', 'exception', 'page_fault', '0x0e', VECINFO),
      values: ['e', values.get('error_code'), address, pc, text(level), '0', '0'],
      place: { level, ...(pc !== undefined && { pc }), ...(address !== undefined && { address }) },
    };
  };
  const entry = (call: string, args: FieldValues, { tid }: Place): Fired => {
    calls.set(tid, call);
    return { point: table.number('syscall', personality, call, 'entry', ENTRY), values: args };
  };
  const result = (call: string, ret: string | undefined): Fired => {
    const value = ret === undefined ? undefined : BigInt(ret);
    const signed = value === undefined ? 0n : BigInt.asIntN(64, value);
    const errno = signed < 0n && signed >= -MOST_ERRNO ? Number(-signed) : 0;
    const shown = value === undefined ? undefined : BigInt.asUintN(64, value).toString(16);
    return {
      point: table.number('syscall', personality, call, 'return', RETURN),
      values: [shown, shown],
      errno,
    };
  };

  return (event, values, place) => {
    const vector = Number(values.get('vector') ?? Number.NaN);
    if (vector >= 0 && vector < 256 && event.endsWith('_entry')) return enter(vector, place);
    if (vector >= 0 && vector < 256 && event.endsWith('_exit')) return leave(vector, place);
    if (event === 'page_fault_user') return pageFault(values, USER_LEVEL);
    if (event === 'page_fault_kernel') return pageFault(values, 0);
    const id = Number(values.get('id') ?? Number.NaN);
    const args = [...values.values()];
    if (event === 'sys_enter' && id >= 0) return entry(nameOf(id), args.slice(1, 7), place);
    if (event === 'sys_exit' && !Number.isNaN(id)) {
      const call = id >= 0 ? nameOf(id) : calls.get(place.tid);
      return call === undefined ? undefined : result(call, values.get('ret'));
    }
    if (event.startsWith('sys_enter_'))
      return entry(event.slice('sys_enter_'.length), args.slice(0, 6), place);
    if (event.startsWith('sys_exit_')) return result(event.slice('sys_exit_'.length), values.get('ret'));
    return undefined;
  };
}

/** Deliveries of one CPU that have not returned; more were lost. */
const MOST_NESTED = 15;

function text(value: number): string {
  return value.toString(16);
}

/** In the kernel a place may be a symbol, which is no number. */
function hexOnly(value: string | undefined): string | undefined {
  return value !== undefined && /^0x[0-9a-f]+$/.test(value) ? value : undefined;
}
