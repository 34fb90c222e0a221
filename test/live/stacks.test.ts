/**
 * Stacks of a live Linux, whose kernel has no frame pointers: by its ORC tables, held to what the kernel's own code says of who
 * calls whom. One boot serves all.
 */
import { expect, test } from 'vitest';
import { type CliResult, trapline } from '../support/cli.ts';
import { bootCommand, describeLinux } from '../support/linux-guest.ts';

/** From open(2) to where the file is opened. */
const OPEN = [
  'vfs_open',
  'path_openat',
  'do_filp_open',
  'do_sys_openat2',
  '__x64_sys_openat',
  'do_syscall_64',
  'entry_SYSCALL_64_after_hwframe',
];
/** Of a thread of the kernel's own: the first steps of all of them. */
const THREAD_ENDS = /\nvmlinux`(kthread|kernel_init)\+0x\w+\nvmlinux`ret_from_fork\+0x\w+\n$/;

const PROGRAM = `
  fbt::vfs_open:entry { @stacks[stack()] = count(); @callers[func(caller)] = count(); @depths[stackdepth] = count(); }
  syscall:linux64:sched_get_priority_max:entry /!seen++/ { stack(); ustack(1); printf("rcx 0x%x\\n", rcx); disasm(pc, 1); }
  END { printa("# stack%k# %@d\\n", @stacks); printa("# caller %a %@d\\n", @callers); printa("# depth %d %@d\\n", @depths); }`;

describeLinux('stacks of a Linux guest', () => {
  test('are what its code says', async () => {
    const run: CliResult = await trapline([
      '-qc',
      bootCommand({ work: ['open:3,priority:2'] }),
      '-n',
      PROGRAM,
    ]);
    expect(run.status, run.stderr).toBe(0);
    const out = run.stdout.replaceAll('\r', '');
    const stacks = [...out.matchAll(/^# stack\n([\s\S]*?)# (\d+)$/gm)].map((match) => match[1]!);
    expect(stacks.length).toBeGreaterThan(2);
    const names = stacks.map((stack) => [...stack.matchAll(/`(\w+)/g)].map((match) => match[1]!));
    expect(names).toContainEqual(OPEN);
    for (const stack of stacks) {
      expect(stack).not.toContain('not known');
      if (!stack.includes('do_syscall_64')) expect(stack).toMatch(THREAD_ENDS);
    }
    // Every vfs_open is called by path_openat or the like, never by itself; depths are those of the stacks.
    expect(out).toMatch(/^# caller vmlinux`path_openat(\+0x\w+)? \d+$/m);
    const depths = [...out.matchAll(/^# depth (\d+) (\d+)$/gm)].map((match) => Number(match[1]));
    expect(new Set(depths)).toEqual(new Set(names.map((each) => each.length)));
    // Between SYSCALL and the switch of stacks: the program goes on at rcx.
    const call = /vmlinux`entry_SYSCALL_64\n\n\n? +0x(\w+)\n[\s\S]*?rcx 0x(\w+)\n/.exec(out);
    expect(call?.[1]).toBe(call?.[2]);
    expect(out).toMatch(/vmlinux`entry_SYSCALL_64 +swapgs/);
  });
});
