/** Programs over a guest kernel whose types, symbols and memory are at hand: src/engine/guest-task.ts and the checker's part. */
import { describe, expect, test } from 'vitest';
import { CPU_BASES, KERNEL_TYPES, linuxMemory, runOnGuest, TASK } from '../../support/fake-linux.ts';

/** One printf of an expression at the probe. */
function at(expression: string, format = '%d'): string {
  return runOnGuest(`vec::: { printf("${format}", ${expression}); }`);
}

describe('the process of the CPU', () => {
  test.each([
    ['pid', '4242'],
    ['tid', '4243'],
    ['ppid', '4000'],
    ['uid', '1000'],
    ['gid', '4294967294'],
  ])('%s', (name, value) => {
    expect(at(name)).toBe(value);
  });

  test('execname and curthread', () => {
    expect(at('execname', '%s')).toBe('bash');
    expect(at('curthread', '%p')).toBe(TASK.toString(16));
  });

  test('is that of each CPU', () => {
    const events = [0, 1, 0].map((cpu) => ({ cpu, gsBase: CPU_BASES[cpu]! }));
    const text = 'vec::: { printf("%d:%s:%d ", cpu, execname, pid); }';
    expect(runOnGuest(text, { events })).toBe('0:bash:4242 1:swapper/1:0 0:bash:4242');
  });

  test('is the tracer in BEGIN', () => {
    expect(runOnGuest('BEGIN { printf("%d %s %d", pid, execname, curthread == 0); }', { events: [] })).toBe(
      '77 trapline 1',
    );
  });

  test('is looked up once per firing', () => {
    const memory = linuxMemory();
    runOnGuest('vec::: { x = pid + tid + pid; y = execname; z = execname; }', { memory });
    const current = memory.reads.filter((address) => address === CPU_BASES[0] + 0x1fb80n);
    expect([current.length, memory.reads.filter((address) => address === TASK + 2976n).length]).toEqual([
      1, 1,
    ]);
  });

  test('tells thread-local variables apart, idle CPUs too', () => {
    const events = [0, 1, 0, 1].map((cpu) => ({ cpu, gsBase: CPU_BASES[cpu]! }));
    const text = 'vec::: { self->n++; printf("%d:%d ", tid, self->n); }';
    expect(runOnGuest(text, { events })).toBe('4243:1 0:1 4243:2 0:2');
  });

  test('moves to another CPU with its thread-local variables', () => {
    const memory = linuxMemory();
    memory.write(CPU_BASES[1] + 0x1fb80n, TASK);
    const events = [0, 1].map((cpu) => ({ cpu, gsBase: CPU_BASES[cpu]! }));
    expect(runOnGuest('vec::: { self->n++; printf("%d ", self->n); }', { events, memory })).toBe('1 2');
  });
});

describe('where the CPU keeps its own', () => {
  const text = 'vec::: { printf("%x ", percpu); }';

  test('is the GS base of an event in the kernel, and stays so in user mode', () => {
    const events = [
      { cpu: 0, gsBase: CPU_BASES[0] },
      { cpu: 0, gsBase: 0x7fff00001000n },
      { cpu: 0, gsBase: 0n },
    ];
    expect(runOnGuest(text, { events })).toBe('ffff88801f200000 ffff88801f200000 ffff88801f200000');
  });

  test('is what a live source says before that', () => {
    const events = [{ cpu: 1, gsBase: 0n }];
    expect(runOnGuest(text, { events, kernelGsBase: (cpu) => CPU_BASES[cpu] })).toBe('ffff88801f300000');
  });

  test('is a fault while no kernel has been seen, and there is no process', () => {
    const events = [{ cpu: 0, gsBase: 0n }];
    expect(runOnGuest(text, { events })).toContain('percpu is not carried by this event');
    const process = 'vec::: { printf("%d %d %s %d", pid, tid, execname, curthread == 0); }';
    expect(runOnGuest(process, { events })).toBe('0 1 guest 1');
  });
});

describe('without a part of it', () => {
  test('no memory: as in a log', () => {
    expect(runOnGuest('vec::: { printf("%d %s", pid, execname); }', { memory: undefined })).toBe('0 guest');
    expect(runOnGuest('vec::: { printf("%d", `jiffies); }', { memory: undefined })).toContain(
      'invalid address (0xffffffff82a079c0)',
    );
  });

  test('no types: curthread is 0 and has none', () => {
    const kernel = { types: undefined, symbols: undefined };
    expect(runOnGuest('vec::: { printf("%d %d", pid, curthread == 0); }', { kernel })).toBe('0 1');
  });

  test('unreadable memory is a fault at its address', () => {
    const memory = linuxMemory();
    memory.write(CPU_BASES[0] + 0x1fb80n, 0xffff9999_00000000n);
    expect(runOnGuest('vec::: { printf("%d", pid); }', { memory })).toContain(
      'invalid address (0xffff999900000974)',
    );
    expect(at('((struct task_struct *)8)->pid')).toContain('invalid address (0x978)');
  });
});

describe('kernel types', () => {
  test.each([
    ['((struct task_struct *)curthread)->comm', '%s', 'bash'],
    ['curthread->comm', '%s', 'bash'],
    ['stringof(curthread->real_parent->comm)', '%s', 'login'],
    ['curthread->real_parent->tgid', '%d', '4000'],
    ['curthread->in_execve', '%d', '1'],
    ['curthread->in_iowait', '%d', '0'],
    ['curthread->__state', '%d', '1'],
    ['curthread->cred->uid.val', '%d', '1000'],
    ['sizeof (struct task_struct)', '%d', '9792'],
    ['offsetof(struct task_struct, comm)', '%d', '2976'],
    ['sizeof (curthread->comm)', '%d', '16'],
    ['sizeof (vmlinux`pid_t)', '%d', '4'],
    ['PIDTYPE_TGID', '%d', '1'],
    ['((enum pid_type)1) == PIDTYPE_TGID', '%d', '1'],
    ['strlen(curthread->comm)', '%d', '4'],
    ['copyinstr((uintptr_t)&curthread->comm)', '%s', 'bash'],
  ])('%s', (expression, format, value) => {
    expect(at(expression, format)).toBe(value);
  });

  test("a program's own definition wins", () => {
    const own = 'struct task_struct { int mine; }; struct cred { struct task_struct t; int n; };';
    expect(
      runOnGuest(`${own} vec::: { printf("%d %d", sizeof (struct task_struct), sizeof (struct cred)); }`),
    ).toBe('4 8');
  });

  test('a program struct may hold a kernel one', () => {
    const own = 'struct pair { char c; struct list_head head; };';
    expect(
      runOnGuest(`${own} vec::: { printf("%d %d", sizeof (struct pair), offsetof(struct pair, head)); }`),
    ).toBe('24 8');
  });

  test('a struct of the kernel can be kept and printed', () => {
    const text =
      'vec::: { this->u = curthread->cred->uid; printf("%d ", this->u.val); print(curthread->cred->uid); }';
    expect(runOnGuest(text)).toMatch(/^1000 \(kuid_t\) \{\s+\.val = \(uid_t\)1000,\s+\}/);
  });
});

describe('kernel symbols', () => {
  test.each([
    ['`jiffies', '%d', '4294937296'],
    ['vmlinux`jiffies', '%d', '4294937296'],
    ['&`jiffies', '%p', 'ffffffff82a079c0'],
    ['`init_task.comm', '%s', 'swapper/1'],
    ['(&`init_task)->pid', '%d', '0'],
    ['`linux_banner', '%s', 'Linux version 6.1.0-56-amd64'],
    ['`current_task->pid', '%d', '4243'],
    ['`cpu_number', '%d', '0'],
    ['`sixteen_bits', '%x', '1234'],
    ['`a_table', '%x', '1122334455667788'],
    ['((unsigned char *)&`a_table)[1]', '%x', '77'],
    ['sizeof (`a_table)', '%d', '24'],
    ['`schedule', '%p', 'ffffffff81a52dd0'],
    ['&`schedule == `schedule', '%d', '1'],
  ])('%s', (expression, format, value) => {
    expect(at(expression, format)).toBe(value);
  });

  test('of each CPU are read from its own block', () => {
    const events = [1, 0].map((cpu) => ({ cpu, gsBase: CPU_BASES[cpu]! }));
    expect(runOnGuest('vec::: { printf("%d ", `cpu_number); }', { events })).toBe('1 0');
  });
});

test('looking at one struct does not convert the kernel', () => {
  const task = KERNEL_TYPES.tagged('struct', 'task_struct');
  const inode = KERNEL_TYPES.tagged('struct', 'inode');
  expect(
    [task, inode].map((type) => type !== undefined && Object.getOwnPropertyDescriptor(type, 'members')?.get),
  ).toEqual([expect.any(Function), expect.any(Function)]);
});
