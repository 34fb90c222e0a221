/**
 * Where a Linux kernel keeps the process of a CPU: struct offsets from its types, current_task from its symbols.
 * In: BTF types, a look-up of symbols. Out: a machine/target.ts ProcessLayout; undefined for what is no Linux.
 */
import type { ProcessLayout } from '../machine/target.ts';
import { sizeOf } from '../types/layout.ts';
import { resolve } from '../types/relations.ts';
import type { Member, RecordType, Type } from '../types/type.ts';
import type { BtfKernelTypes } from './kernel-types.ts';

export function linuxProcess(
  types: BtfKernelTypes,
  addressOf: (symbol: string) => bigint | undefined,
): ProcessLayout | undefined {
  const task = types.tagged('struct', 'task_struct');
  const cred = types.tagged('struct', 'cred');
  const currentTask = currentTaskAt(types, addressOf);
  const [tgid, pid, comm] = [offsetOf(task, 'tgid'), offsetOf(task, 'pid'), member(task, 'comm')];
  if (currentTask === undefined || tgid === undefined || pid === undefined || comm === undefined)
    return undefined;
  return {
    currentTask,
    tgid,
    pid,
    comm: { offset: comm.offsetBits / 8, sizeBytes: sizeOf(comm.type, 0) ?? 0 },
    realParent: offsetOf(task, 'real_parent'),
    cred: offsetOf(task, 'cred'),
    uid: offsetOf(cred, 'uid'),
    gid: offsetOf(cred, 'gid'),
  };
}

/** A variable of its own up to 6.1 and since 6.15; in between a member of pcpu_hot. */
function currentTaskAt(
  types: BtfKernelTypes,
  addressOf: (symbol: string) => bigint | undefined,
): bigint | undefined {
  const own = addressOf('current_task');
  if (own !== undefined) return own;
  const hot = addressOf('pcpu_hot');
  const offset = offsetOf(types.tagged('struct', 'pcpu_hot'), 'current_task');
  return hot === undefined || offset === undefined ? undefined : hot + BigInt(offset);
}

function member(type: Type | undefined, name: string): Member | undefined {
  const record = type === undefined ? undefined : resolve(type);
  if (record?.kind !== 'struct') return undefined;
  return (record as RecordType).members?.find((candidate) => candidate.name === name);
}

function offsetOf(type: Type | undefined, name: string): number | undefined {
  const found = member(type, name);
  return found === undefined ? undefined : found.offsetBits / 8;
}
