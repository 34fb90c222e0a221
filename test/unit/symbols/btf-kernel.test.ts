/**
 * The BTF of a real kernel (Debian's 6.1.0-56-amd64), held to a second reader that walks it from front to back and shares
 * no code with the first.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openBtf } from '../../../src/symbols/btf.ts';
import { BtfKernelTypes } from '../../../src/symbols/kernel-types.ts';
import { linuxProcess } from '../../../src/symbols/linux-task.ts';
import { storageBytes } from '../../../src/types/layout.ts';
import { TypeTable, typeFromText } from '../../../src/types/table.ts';
import { typeText } from '../../../src/types/text.ts';
import { TOP } from '../../support/cli.ts';

const bytes = gunzipSync(readFileSync(`${TOP}/examples/symbols/linux-6.1.0-56-amd64.btf.gz`));
const btf = openBtf(bytes);
if (typeof btf === 'string') throw new Error(btf);
const types = new BtfKernelTypes();
types.add('vmlinux', btf);

interface Plain {
  readonly kind: number;
  readonly name: string;
  readonly size: number;
  readonly members: readonly { readonly name: string; readonly type: number; readonly place: number }[];
  readonly flag: boolean;
}

/** All entries, one after another, by id. */
function walk(): readonly (Plain | undefined)[] {
  const word = (at: number) => bytes.readUInt32LE(at);
  const start = 24 + word(8);
  const strings = 24 + word(16);
  const text = (offset: number) =>
    bytes.toString('latin1', strings + offset, bytes.indexOf(0, strings + offset));
  const found: (Plain | undefined)[] = [undefined];
  for (let at = start; at < start + word(12); ) {
    const info = word(at + 4);
    const kind = Math.floor(info / 2 ** 24) % 32;
    const n = info % 65536;
    const isRecord = kind === 4 || kind === 5;
    const behind = at + 12;
    const members = Array.from({ length: isRecord ? n : 0 }, (_, i) => ({
      name: text(word(behind + i * 12)),
      type: word(behind + i * 12 + 4),
      place: word(behind + i * 12 + 8),
    }));
    found.push({ kind, name: text(word(at)), size: word(at + 8), members, flag: info >= 2 ** 31 });
    const more: Record<number, number> = {
      1: 4,
      3: 12,
      4: 12 * n,
      5: 12 * n,
      6: 8 * n,
      13: 8 * n,
      14: 4,
      15: 12 * n,
    };
    at = behind + (more[kind] ?? (kind === 17 ? 4 : kind === 19 ? 12 * n : 0));
  }
  return found;
}

const plain = walk();

function offset(tag: string, name: string): number | undefined {
  const record = types.tagged('struct', tag);
  const found =
    record?.kind === 'struct' ? record.members?.find((member) => member.name === name) : undefined;
  return found && found.offsetBits / 8;
}

describe('a real kernel', () => {
  test('has all its types', () => {
    expect(btf.endId).toBe(plain.length);
    expect(plain.length).toBe(100751);
  });

  test('has its task_struct where its modules expect it', () => {
    const task = types.tagged('struct', 'task_struct');
    expect(task?.kind === 'struct' && [task.sizeBytes, task.alignBytes]).toEqual([9792, 8]);
    const places = { __state: 24, pid: 2416, tgid: 2420, real_parent: 2432, cred: 2960, comm: 2976 };
    for (const [name, at] of Object.entries(places))
      expect([name, offset('task_struct', name)]).toEqual([name, at]);
  });

  test('gives every struct and union the size and members that a plain walk finds', () => {
    let records = 0;
    for (const [id, entry] of plain.entries()) {
      if (entry === undefined || (entry.kind !== 4 && entry.kind !== 5) || entry.name === '') continue;
      const [first] = btf.ids(entry.name).filter((each) => btf.entry(each)?.kind === entry.kind);
      if (first !== id) continue; // a second struct of that name
      const record = types.tagged(entry.kind === 4 ? 'struct' : 'union', entry.name);
      if (record?.kind !== 'struct' && record?.kind !== 'union') throw new Error(entry.name);
      expect(record.sizeBytes, entry.name).toBe(entry.size);
      const places = new Map(record.members?.map((member) => [member.name, member.offsetBits]));
      for (const { name, place } of entry.members) {
        if (name !== '')
          expect([entry.name, name, places.get(name)]).toEqual([
            entry.name,
            name,
            entry.flag ? place % 2 ** 24 : place,
          ]);
      }
      const last = record.members?.at(-1);
      if (last && last.bitWidth === undefined) {
        const end = last.offsetBits / 8 + (storageBytes(last.type, 0) ?? 0);
        expect(end <= record.sizeBytes, `${entry.name}.${last.name}`).toBe(true);
      }
      records++;
    }
    expect(records).toBeGreaterThan(7000);
  });

  test('types its functions', () => {
    expect(types.entryArguments('vfs_read')).toEqual(['struct file *', 'char *', 'size_t', 'loff_t *']);
    expect(types.returnArguments('vfs_read')).toEqual(['int64_t', 'ssize_t']);
    expect(types.returnArguments('schedule')).toEqual(['int64_t']);
    expect(types.entryArguments('_printk')).toEqual(['const char *']);
  });

  test('has texts for the arguments of all functions that the type table can read', () => {
    const table = new TypeTable(types);
    const names = plain.flatMap((entry, i) => (entry?.kind === 12 && i % 5 === 0 ? [entry.name] : []));
    const unread = names.flatMap((name) =>
      [...types.entryArguments(name)!, ...types.returnArguments(name)!].filter(
        (text) => typeFromText(table, text) === undefined,
      ),
    );
    expect([names.length > 8000, [...new Set(unread)]]).toEqual([true, []]);
  });

  test('types its per-CPU variables and no others', () => {
    const current = types.variable('current_task');
    expect([current && typeText(current.type), current?.perCpu]).toEqual(['struct task_struct *', true]);
    expect(types.variable('jiffies')).toBeUndefined();
  });

  test('has enumerators', () => {
    expect([types.enumerator('PIDTYPE_TGID')?.value, types.enumerator('NO_SUCH_TAG')]).toEqual([
      1,
      undefined,
    ]);
  });

  test('tells where processes are, with current_task or pcpu_hot', () => {
    const at = (symbols: Readonly<Record<string, bigint>>) => linuxProcess(types, (name) => symbols[name]);
    expect(at({ current_task: 0x1fb80n })).toEqual({
      ...{ currentTask: 0x1fb80n, tgid: 2420, pid: 2416, comm: { offset: 2976, sizeBytes: 16 } },
      ...{ realParent: 2432, cred: 2960, uid: offset('cred', 'uid'), gid: offset('cred', 'gid') },
    });
    expect(at({ pcpu_hot: 64n })).toBeUndefined(); // this kernel's types have no pcpu_hot
  });
});
