/** The state machine of patching, turn by turn: the test is the processor (test/support/fake-patch-target.ts). */
import { beforeAll, describe, expect, test } from 'vitest';
import { REGISTERS } from '../../../src/machine/registers.ts';
import { BREAKPOINT_VECTOR, DEBUG_VECTOR, type TrapVerdict } from '../../../src/machine/target.ts';
import { parseInjections } from '../../../src/patch/inject.ts';
import { Patcher, type PatcherOptions } from '../../../src/patch/patcher.ts';
import type { Site, SiteRequest } from '../../../src/patch/sites.ts';
import { type DisplacedReader, openDisplacedReader } from '../../../src/x86/displaced.ts';
import { FakeTarget, IF, SCRATCH, TF } from '../../support/fake-patch-target.ts';

const AT = 0xffff_ffff_8100_0000n;
const STACK = 0xffff_c900_0000_1000n;
const NMI = 2;
const PAGE_FAULT = 14;

let reader: DisplacedReader;
beforeAll(async () => {
  reader = await openDisplacedReader();
});

interface Lab {
  readonly target: FakeTarget;
  readonly patcher: Patcher;
  readonly fired: Site[];
  readonly set: (address?: bigint, extra?: Partial<SiteRequest>) => Site;
  /** The CPU executes the INT3 of a site. */
  readonly trap: (address?: bigint, cpu?: number) => TrapVerdict;
  /** An interrupt handler of the guest returns to a site, which is met again. */
  readonly comeBack: (address?: bigint, cpu?: number) => TrapVerdict;
  /** The single-step trap comes with the CPU at this rip. */
  readonly stepTrap: (rip: bigint, cpu?: number) => TrapVerdict;
}

function lab(code: string, options: Partial<PatcherOptions> & { cpus?: number } = {}): Lab {
  const target = new FakeTarget(options.cpus ?? 1);
  target.map(AT, Buffer.from(code.replaceAll(' ', ''), 'hex'));
  target.map(STACK - 256n, new Uint8Array(512));
  const fired: Site[] = [];
  const fire = (_: number, site: Site) => {
    fired.push(site);
    return 'fired' as const;
  };
  const patcher = new Patcher(target, reader, { prefer: 'stepped', fire, ...options });
  for (let cpu = 0; cpu < target.cpuCount; cpu++) {
    target.setSp(STACK, cpu);
    target.setFlags(IF | 2n, cpu);
  }
  const trap = (address = AT, cpu = 0) => {
    target.setRip(address + 1n, cpu);
    return patcher.trap(cpu, BREAKPOINT_VECTOR);
  };
  return {
    ...{ target, patcher, fired, trap },
    set: (address = AT, extra = {}) =>
      patcher.set({ address, probe: 'fbt:kernel:f:entry', place: 'entry', ...extra }),
    comeBack: (address = AT, cpu = 0) => {
      target.setRip(address, cpu);
      patcher.returned(cpu);
      return trap(address, cpu);
    },
    stepTrap: (rip, cpu = 0) => {
      target.setRip(rip, cpu);
      return patcher.trap(cpu, DEBUG_VECTOR);
    },
  };
}

/** Bytes behind the instruction under test. */
const NOPS = '90'.repeat(16);

describe('sites', () => {
  test('an armed site is an INT3 whose removal leaves the byte as it was', () => {
    const { target, patcher, set } = lab(`55${NOPS}`);
    expect(set()).toMatchObject({ state: 'armed', method: 'stepped', hits: 0 });
    expect(target.hex(AT, 2)).toBe('cc90');
    patcher.remove(AT);
    expect(target.hex(AT, 2)).toBe('5590');
    expect(patcher.table.list()).toMatchObject([{ state: 'removed', why: 'removed' }]);
  });

  test('two probes at one address share the site', () => {
    const { patcher, set } = lab(`c3${NOPS}`);
    const first = set(AT, { probe: 'entry' });
    expect(set(AT, { probe: 'return' })).toBe(first);
    expect(first.probes).toEqual(['entry', 'return']);
    expect(patcher.table.list()).toHaveLength(1);
  });

  test.each([
    ['an INT3 of the guest', 'cc', {}, 'already INT3'],
    ['INT1', 'f1', {}, 'it is a breakpoint of the guest'],
    ['no instruction', '06', {}, 'no instruction begins there'],
    ['a transaction', 'c7f800000000', {}, 'a breakpoint aborts what it begins or ends'],
    [
      'out of reach of the slot',
      '488b0500000080', // mov rax, [rip - 2 GiB]
      {},
      'its operand is out of reach of the scratch slot',
    ],
  ])('%s is refused', (_, code, extra, why) => {
    const { target, set } = lab(code + NOPS);
    const before = target.hex(AT, 8);
    expect(set(AT, extra)).toMatchObject({ state: 'refused', why });
    expect(target.hex(AT, 8)).toBe(before);
  });

  test('inside an instruction, by the instructions from the start of the function', () => {
    const { set } = lab(`55 4889e5 b890909090 c3${NOPS}`); // the bytes of the MOV's operand are NOPs
    const bounds = { start: AT, end: AT + 10n };
    expect(set(AT + 6n, { bounds })).toMatchObject({ why: 'not at the beginning of an instruction' });
    expect(set(AT + 4n, { bounds })).toMatchObject({ state: 'armed' });
    expect(set(AT + 9n, { bounds })).toMatchObject({ state: 'armed' }); // behind one that is armed
  });

  test('an instruction that another site owns is not split, from either side', () => {
    const { set } = lab(`b890909090${NOPS}`);
    set(AT);
    expect(set(AT + 2n).why).toBe(`would split the instruction at 0x${AT.toString(16)}, which has a probe`);
    const other = lab(`b890909090${NOPS}`);
    other.set(AT + 2n);
    expect(other.set(AT).why).toBe(
      `would split the instruction at 0x${(AT + 2n).toString(16)}, which has a probe`,
    );
  });

  test('exclusions, memory that is not there, memory that cannot be written', () => {
    const exclusions = [{ start: AT, end: AT + 16n, why: 'the guest handles traps there' }];
    expect(lab(NOPS, { exclusions }).set().why).toBe(
      'in a range that is not patched: the guest handles traps there',
    );
    expect(lab(NOPS).set(0x1000n).why).toBe('its memory cannot be read');
    const { target, set } = lab('');
    target.map(AT, Buffer.from(NOPS, 'hex'), 'read-only');
    expect(set()).toMatchObject({ state: 'refused', why: 'its memory cannot be written' });
  });

  test('the last instruction before a page that is not there', () => {
    expect(lab('c3').set()).toMatchObject({ state: 'armed', displaced: { text: 'ret' } });
    expect(lab('e800').set().why).toBe('no instruction begins there'); // cut
  });
});

describe('a step out of line', () => {
  test('goes through the slot of its CPU and comes out behind the original', () => {
    const { target, set, trap, stepTrap, fired } = lab(`4889e5${NOPS}`);
    const site = set();
    expect(trap()).toBe('resume');
    expect(fired).toEqual([site]);
    expect([...site.cpus]).toEqual([0]);
    expect(target.rip()).toBe(SCRATCH);
    expect(target.hex(SCRATCH, 6)).toBe('4889e59090cc');
    expect(target.flags()).toBe(IF | TF | 2n);
    expect(target.held[0]).toBe(true);
    expect(stepTrap(SCRATCH + 3n)).toBe('resume');
    expect(target.rip()).toBe(AT + 3n);
    expect(target.flags()).toBe(IF | 2n);
    expect(target.held[0]).toBe(false);
    expect([...site.cpus]).toEqual([]);
  });

  test('operands relative to rip name the same place', () => {
    const { target, set, trap } = lab(`488b0510000000${NOPS}`); // mov rax, [rip + 0x10]
    set();
    trap();
    const bytes = new Uint8Array(7);
    target.readMemory(0, SCRATCH, bytes);
    const displacement = new DataView(bytes.buffer).getInt32(3, true);
    expect(SCRATCH + 7n + BigInt(displacement)).toBe(AT + 7n + 0x10n);
  });

  test('an immediate behind the operand does not disturb it', () => {
    const { target, set, trap } = lab(`48c7051000000078563412${NOPS}`); // mov qword [rip + 0x10], 0x12345678
    set();
    trap();
    const bytes = new Uint8Array(11);
    target.readMemory(0, SCRATCH, bytes);
    const view = new DataView(bytes.buffer);
    expect(SCRATCH + 11n + BigInt(view.getInt32(3, true))).toBe(AT + 11n + 0x10n);
    expect(view.getUint32(7, true)).toBe(0x12345678);
  });

  test.each([
    ['jne short', '7510', 2n, 0x12n],
    ['jne near', '0f8500010000', 6n, 0x106n],
    ['jmp backwards', 'ebf0', 2n, -0xen],
    ['loop', 'e2fe', 2n, 0n],
    ['jrcxz', 'e305', 2n, 7n],
  ])('%s: where it lands says whether it was taken', (_, code, length, offset) => {
    const { target, set, trap, stepTrap } = lab(code + NOPS);
    set();
    trap();
    stepTrap(SCRATCH + length + 3n); // the second landing place
    expect(target.rip()).toBe(AT + offset);
    trap();
    stepTrap(SCRATCH + length);
    expect(target.rip()).toBe(AT + length);
  });

  test('the slot makes direct branches lead to the second landing place', () => {
    const { target, set, trap } = lab(`0f8500010000${NOPS}`);
    set();
    trap();
    expect(target.hex(SCRATCH, 12)).toBe('0f85030000009090cc9090cc');
  });

  test('CALL returns behind the original', () => {
    const { target, set, trap, stepTrap } = lab(`e800100000${NOPS}`);
    set();
    trap();
    target.setSp(STACK - 8n);
    target.setWord(STACK - 8n, SCRATCH + 5n); // pushed
    stepTrap(SCRATCH + 8n);
    expect(target.rip()).toBe(AT + 0x1005n);
    expect(target.word(STACK - 8n)).toBe(AT + 5n);
  });

  test('indirect CALL and JMP, and RET, are where they went', () => {
    const call = lab(`ffd0${NOPS}`);
    call.set();
    call.trap();
    call.target.setSp(STACK - 8n);
    call.target.setWord(STACK - 8n, SCRATCH + 2n);
    call.stepTrap(0x4000n);
    expect(call.target.rip()).toBe(0x4000n);
    expect(call.target.word(STACK - 8n)).toBe(AT + 2n);
    for (const code of ['ffe0', 'c3']) {
      const other = lab(code + NOPS);
      other.set();
      other.trap();
      expect(other.stepTrap(0x4000n)).toBe('resume');
      expect(other.target.rip()).toBe(0x4000n);
    }
  });

  test('PUSHF does not show TF, unless it is the guest’s', () => {
    for (const guestTf of [0n, TF]) {
      const { target, set, trap, stepTrap } = lab(`9c${NOPS}`);
      target.setFlags(IF | 2n | guestTf);
      set();
      trap();
      target.setSp(STACK - 8n);
      target.setWord(STACK - 8n, IF | TF | 2n);
      expect(stepTrap(SCRATCH + 1n)).toBe(guestTf ? 'single-step' : 'resume');
      expect(target.word(STACK - 8n)).toBe(IF | 2n | guestTf);
      expect(target.flags()).toBe(IF | 2n | guestTf);
    }
  });

  test('POPF sets the TF that it popped', () => {
    for (const popped of [0n, TF]) {
      const { target, set, trap, stepTrap } = lab(`9d${NOPS}`);
      set();
      trap();
      target.setFlags(2n | popped);
      expect(stepTrap(SCRATCH + 1n)).toBe('resume'); // TF counts from the next instruction on
      expect(target.flags()).toBe(2n | popped);
    }
  });

  test('STI holds interrupts back behind the original, if they were off', () => {
    const off = lab(`fb${NOPS}`);
    off.target.setFlags(2n);
    off.set();
    off.trap();
    off.target.setFlags(IF | TF | 2n);
    off.stepTrap(SCRATCH + 1n);
    expect([off.target.shadowed[0], off.target.flags()]).toEqual([true, IF | 2n]);
    const on = lab(`fb${NOPS}`);
    on.set();
    on.trap();
    on.stepTrap(SCRATCH + 1n);
    expect(on.target.shadowed[0]).toBe(false);
  });

  test.each([
    ['mov ss,ax', '8ed0', 2n],
    ['lss', '0fb220', 3n],
  ])(
    '%s: the trap behind the NOP is not late, and the next instruction is in its shadow',
    (_, code, length) => {
      const { target, patcher, set, trap, stepTrap } = lab(code + NOPS);
      target.setFlags(IF | TF | 2n);
      set();
      trap();
      expect(stepTrap(SCRATCH + length + 1n)).toBe('resume'); // the guest's own trap is held too
      expect(target.rip()).toBe(AT + length);
      expect(target.shadowed[0]).toBe(true);
      expect(patcher.counts.lostSteps).toBe(0);
      trap();
      expect(stepTrap(SCRATCH + length)).toBe('single-step'); // on a processor that does not hold it
    },
  );

  test('REP traps between iterations and is let go now and then', () => {
    const { target, patcher, set, trap, stepTrap, fired } = lab(`f3a4${NOPS}`);
    const site = set();
    trap();
    for (let n = 1; n < 64; n++) expect(stepTrap(SCRATCH)).toBe('resume');
    expect([target.rip(), target.held[0]]).toEqual([SCRATCH, true]);
    stepTrap(SCRATCH);
    expect([target.rip(), target.held[0], site.cpus.size]).toEqual([AT, false, 0]);
    trap();
    expect(fired).toHaveLength(1);
    stepTrap(SCRATCH + 2n);
    expect(target.rip()).toBe(AT + 2n);
    expect(patcher.counts).toMatchObject({ steps: 2, undone: 1, lostSteps: 0 });
  });

  test('REP under the guest’s own TF: each iteration is the guest’s', () => {
    const { target, set, trap, comeBack, stepTrap, fired } = lab(`f3a4${NOPS}`);
    target.setFlags(TF | 2n);
    set();
    trap();
    expect(stepTrap(SCRATCH)).toBe('single-step');
    expect(target.rip()).toBe(AT);
    comeBack();
    expect(fired).toHaveLength(1);
    expect(stepTrap(SCRATCH + 2n)).toBe('single-step');
  });

  test('INT n is saved with the address behind the original and without TF', () => {
    const { target, patcher, set, trap } = lab(`cd80${NOPS}`);
    const site = set();
    trap();
    target.setRip(SCRATCH + 2n);
    patcher.delivering(0, 0x80);
    expect([target.rip(), target.flags(), target.held[0]]).toEqual([AT + 2n, IF | 2n, false]);
    expect([site.cpus.size, patcher.counts.lostSteps]).toEqual([0, 0]);
  });

  test('the guest steps itself: its trap has the address behind the original', () => {
    const { target, set, trap, stepTrap } = lab(`55${NOPS}`);
    target.setFlags(IF | TF | 2n);
    set();
    trap();
    expect(stepTrap(SCRATCH + 1n)).toBe('single-step');
    expect([target.rip(), target.flags()]).toEqual([AT + 1n, IF | TF | 2n]);
  });

  test('an instruction that faults is saved at its own address, and its retry does not fire again', () => {
    const { target, patcher, set, trap, comeBack, stepTrap, fired } = lab(`ff30${NOPS}`); // push [rax]
    const site = set();
    trap();
    patcher.delivering(0, PAGE_FAULT);
    expect([target.rip(), target.flags(), target.held[0], site.cpus.size]).toEqual([AT, IF | 2n, false, 0]);
    target.setFlags(IF | 2n | 0x10000n); // the guest returned with RF
    comeBack();
    expect([fired.length, site.hits]).toEqual([1, 1]);
    stepTrap(SCRATCH + 2n);
    comeBack();
    expect(site.hits).toBe(2); // with the same registers, but the retry was complete
  });

  test('a fault that is not retried does not swallow the next execution with the same registers', () => {
    const { patcher, set, trap } = lab(`ff30${NOPS}`);
    const site = set();
    trap();
    patcher.delivering(0, PAGE_FAULT);
    trap(); // nothing returned to the site
    expect(site.hits).toBe(2);
  });

  test('a target that does not tell of returns: the retry of a fault fires, that of an interruption does not', () => {
    for (const [vector, hits] of [
      [PAGE_FAULT, 2],
      [NMI, 1],
    ] as const) {
      const { target, patcher, set, trap } = lab(`ff30${NOPS}`);
      target.tellsReturns = false;
      const site = set();
      trap();
      patcher.delivering(0, vector);
      trap();
      expect(site.hits).toBe(hits);
    }
  });

  test('another thread at the site meanwhile fires', () => {
    const { target, patcher, set, trap, comeBack, stepTrap } = lab(`ff30${NOPS}`);
    const site = set();
    trap();
    patcher.delivering(0, PAGE_FAULT);
    target.setSp(STACK - 64n);
    trap();
    stepTrap(SCRATCH + 2n);
    expect(site.hits).toBe(2);
    target.setSp(STACK);
    comeBack();
    expect(site.hits).toBe(2);
  });

  test('an NMI is saved at the site; the CPU comes again and does not fire', () => {
    const { target, patcher, set, trap, comeBack, fired } = lab(`55${NOPS}`);
    set();
    trap();
    patcher.delivering(0, NMI);
    expect([target.rip(), target.flags()]).toEqual([AT, IF | 2n]);
    comeBack();
    expect([fired.length, patcher.counts.undone]).toEqual([1, 1]);
  });
});

describe('lost traps', () => {
  test.each([
    ['one', 2n],
    ['two', 3n],
  ])('%s: seen in the NOPs, recovered, counted', (_, arrival) => {
    const { target, patcher, set, trap, stepTrap } = lab(`55${NOPS}`);
    set();
    trap();
    stepTrap(SCRATCH + arrival);
    expect(target.rip()).toBe(AT + 1n);
    expect(patcher.counts.lostSteps).toBe(1);
  });

  test('TF itself is lost: the INT3 of the slot', () => {
    const { target, patcher, set, trap } = lab(`9d${NOPS}`);
    set();
    trap();
    expect(trap(SCRATCH + 3n)).toBe('resume');
    expect([target.rip(), patcher.counts.lostSteps]).toEqual([AT + 1n, 1]);
  });

  test('a taken branch: in the second landing place', () => {
    const { target, patcher, set, trap, stepTrap } = lab(`7510${NOPS}`);
    set();
    trap();
    stepTrap(SCRATCH + 6n);
    expect([target.rip(), patcher.counts.lostSteps]).toEqual([AT + 0x12n, 1]);
  });

  test('a call that meets the next site', () => {
    const { target, patcher, set, trap } = lab(`ffd0${NOPS}`);
    const first = set();
    const second = set(AT + 4n);
    trap();
    target.setWord(STACK - 8n, SCRATCH + 2n);
    expect(trap(AT + 4n)).toBe('resume');
    expect([first.hits, second.hits, patcher.counts.lostSteps]).toEqual([1, 1, 1]);
    expect(target.word(STACK - 8n)).toBe(AT + 2n);
    expect([...second.cpus]).toEqual([0]);
  });

  test('something is delivered instead of the trap', () => {
    const { target, patcher, set, trap } = lab(`55${NOPS}`);
    set();
    trap();
    target.setRip(SCRATCH + 1n);
    patcher.delivering(0, NMI);
    expect([target.rip(), patcher.counts.lostSteps]).toEqual([AT + 1n, 1]);
  });
});

describe('in place', () => {
  const PUSH = '55';
  const emulated = (code: string, run: (target: FakeTarget) => 'done' | 'trap-due' | 'faulted') => {
    const made = lab(code + NOPS, { prefer: 'emulated' });
    made.target.inPlace.set(code, () => run(made.target));
    return made;
  };

  test('what the target executes needs no slot', () => {
    const { target, set, trap } = emulated(PUSH, (it) => {
      expect(it.rip()).toBe(AT);
      it.setRip(AT + 1n);
      return 'done';
    });
    const site = set();
    expect(trap()).toBe('resume');
    expect([target.rip(), site.hits, site.cpus.size, target.held[0]]).toEqual([AT + 1n, 1, 0, false]);
  });

  test('a fault is the guest’s, at the original address', () => {
    const { target, set, trap, comeBack, fired } = emulated(PUSH, () => 'faulted');
    set();
    expect(trap()).toBe('fault');
    expect(target.rip()).toBe(AT);
    comeBack();
    expect(fired).toHaveLength(1);
  });

  test('the guest’s own step', () => {
    const { set, trap } = emulated(PUSH, (it) => {
      it.setRip(AT + 1n);
      return 'trap-due';
    });
    set();
    expect(trap()).toBe('single-step');
  });

  test('REP in slices fires once', () => {
    let slices = 0;
    const { target, set, trap, fired } = emulated('f3a4', (it) => {
      if (++slices === 3) it.setRip(AT + 2n);
      return 'done';
    });
    set();
    for (let n = 0; n < 3; n++) trap();
    expect([target.rip(), fired.length]).toEqual([AT + 2n, 1]);
  });

  test('what the target does not know is stepped', () => {
    const { target, set, trap } = lab(PUSH + NOPS, { prefer: 'emulated' });
    expect(set().method).toBe('emulated');
    trap();
    expect(target.rip()).toBe(SCRATCH);
  });

  test('code that is not of 64 bits is executed where it is, without its probe', () => {
    const { target, set, trap, fired } = lab(PUSH + NOPS);
    target.is64Bit = false;
    const site = set();
    expect(trap()).toBe('resume');
    expect([target.rip(), target.hex(AT, 1), fired.length]).toEqual([AT, PUSH, 1]);
    expect(site).toMatchObject({ state: 'removed', why: 'met by a CPU that is not at 64-bit code' });
  });

  test('code that is not of 64 bits is handed over before it fires, where somebody takes it', () => {
    const taken: bigint[] = [];
    const made = lab(PUSH + NOPS, { handOver: ({ address }) => void taken.push(address) });
    made.target.is64Bit = false;
    const site = made.set();
    expect(made.trap()).toBe('resume');
    expect([made.target.rip(), made.fired.length, site.hits, taken]).toEqual([AT, 0, 0, [AT]]);
    expect(made.patcher.table.armed(AT)).toBeUndefined();
  });

  test('what can be neither executed nor stepped loses its probe, not its instruction', () => {
    const { target, set, trap } = lab(`0f05${NOPS}`, { prefer: 'emulated' });
    const site = set();
    trap();
    expect([target.rip(), target.hex(AT, 2), site.state]).toEqual([AT, '0f05', 'removed']);
    expect(site.why).toBe('its instruction can no longer be displaced');
  });
});

describe('several CPUs', () => {
  test('two on one site, each in its own slot', () => {
    const { target, set, trap, stepTrap } = lab(`55${NOPS}`, { cpus: 2 });
    const site = set();
    trap(AT, 0);
    trap(AT, 1);
    expect([...site.cpus]).toEqual([0, 1]);
    expect([target.rip(0), target.rip(1)]).toEqual([SCRATCH, SCRATCH + 0x1000n]);
    stepTrap(SCRATCH + 0x1001n, 1);
    expect([...site.cpus]).toEqual([0]);
    stepTrap(SCRATCH + 1n, 0);
    expect([target.rip(0), target.rip(1)]).toEqual([AT + 1n, AT + 1n]);
  });

  test('a site that is removed while CPUs sit on its trap is freed when the last has left', () => {
    const { target, patcher, set, trap, stepTrap } = lab(`55${NOPS}`, { cpus: 2 });
    const site = set();
    trap(AT, 0);
    trap(AT, 1);
    patcher.remove(AT);
    expect([site.state, target.hex(AT, 1), patcher.counts.deferred]).toEqual(['dead', '55', 1]);
    stepTrap(SCRATCH + 1n, 0);
    expect(site.state).toBe('dead');
    stepTrap(SCRATCH + 0x1001n, 1);
    expect(site.state).toBe('removed');
  });

  test('the address set anew meanwhile is a site of its own', () => {
    const { target, patcher, set, trap, stepTrap } = lab(`55${NOPS}`, { cpus: 2 });
    const old = set();
    trap(AT, 0);
    patcher.remove(AT);
    const fresh = set();
    expect(fresh).not.toBe(old);
    trap(AT, 1);
    expect([[...old.cpus], [...fresh.cpus]]).toEqual([[0], [1]]);
    stepTrap(SCRATCH + 1n, 0);
    expect([old.state, fresh.state, target.hex(AT, 1)]).toEqual(['removed', 'armed', 'cc']);
    expect([old.hits, fresh.hits]).toEqual([1, 1]);
  });

  test('a trap that was on its way when its site was removed is executed again', () => {
    const { target, patcher, set, trap } = lab(`55${NOPS}`);
    set();
    patcher.remove(AT);
    expect(trap()).toBe('resume');
    expect([target.rip(), patcher.counts.lateTraps]).toEqual([AT, 1]);
  });

  test('a reset ends the step and what was to come back', () => {
    const { target, patcher, set, trap, comeBack, fired } = lab(`ff30${NOPS}`, { cpus: 2 });
    const site = set();
    trap(AT, 0);
    patcher.delivering(0, PAGE_FAULT);
    target.setSp(STACK - 64n, 1);
    trap(AT, 1);
    patcher.reset(1);
    patcher.reset(0);
    expect([target.held[1], site.cpus.size, patcher.counts.resets]).toEqual([false, 0, 1]);
    target.setFlags(IF | 2n, 0);
    comeBack(AT, 0);
    expect(fired).toHaveLength(3);
  });

  test('a site whose probe removes it while firing', () => {
    const made = lab(`55${NOPS}`, {
      fire: (_, site) => {
        made.patcher.remove(site.address);
        return 'fired';
      },
    });
    const site = made.set();
    made.trap();
    expect([site.state, made.target.rip()]).toEqual(['dead', SCRATCH]);
    made.stepTrap(SCRATCH + 1n);
    expect([site.state, made.target.rip()]).toEqual(['removed', AT + 1n]);
  });
});

describe('the guest’s own', () => {
  test('an INT3 without and beside a site', () => {
    const { set, trap } = lab(`90cc${NOPS}`);
    set();
    expect(trap(AT + 1n)).toBe('guest');
    expect(trap(AT + 2n)).toBe('guest');
  });

  test('a single step elsewhere', () => {
    const { set, stepTrap } = lab(NOPS);
    set();
    expect(stepTrap(AT + 5n)).toBe('guest');
  });

  test('an INT3 written over a site ends it; the trap is the guest’s', () => {
    const { target, patcher, set, trap } = lab(`55${NOPS}`);
    const site = set();
    target.map(AT, Uint8Array.of(0xcc));
    patcher.overwritten(AT, 1);
    expect([site.state, site.why]).toEqual(['removed', 'the guest set its own INT3']);
    expect(trap()).toBe('guest');
    expect(target.hex(AT, 1)).toBe('cc');
  });

  test('a write over the first byte, and one behind it', () => {
    for (const [offset, left] of [
      [0n, '901234'],
      [2n, '48c790'],
    ] as const) {
      const { target, patcher, set } = lab(`48c7c034120000${NOPS}`); // mov rax, 0x1234
      const site = set();
      const bytes = Buffer.from(offset === 0n ? '901234' : '90', 'hex');
      target.map(AT + offset, bytes);
      patcher.overwritten(AT + offset, bytes.length);
      expect(site).toMatchObject({ state: 'removed', why: 'the guest wrote over its instruction' });
      expect(target.hex(AT, 3)).toBe(left);
    }
  });

  test('a write is noticed at the next hit when the target does not tell', () => {
    const { target, patcher, set, trap, fired } = lab(`b811111111${NOPS}`);
    target.tellsWrites = false;
    const site = set();
    target.map(AT + 1n, Uint8Array.of(0x22));
    expect(trap()).toBe('resume');
    expect([target.rip(), target.hex(AT, 2), site.state]).toEqual([AT, 'b822', 'removed']);
    expect([fired.length, patcher.counts.overwritten]).toEqual([0, 1]);
  });
});

describe('fault injection', () => {
  const injector = (text: string) => {
    const parsed = parseInjections(text);
    if (parsed.kind === 'wrong') throw new Error(parsed.why);
    return parsed.injector;
  };

  test('a dropped trap is recovered by the next', () => {
    const made = lab(`55${NOPS}`, { injector: injector('drop-step@2') });
    made.set();
    made.trap();
    made.stepTrap(SCRATCH + 1n);
    expect(made.target.rip()).toBe(AT + 1n);
    made.trap();
    made.stepTrap(SCRATCH + 1n);
    expect(made.target.rip()).toBe(SCRATCH + 1n);
    made.stepTrap(SCRATCH + 2n);
    expect([made.target.rip(), made.patcher.counts.lostSteps]).toEqual([AT + 1n, 1]);
  });

  test('a removed site is set again and keeps what was to come back', () => {
    const made = lab(`55${NOPS}`, { injector: injector('remove@1') });
    const old = made.set();
    made.trap();
    expect([old.state, made.patcher.table.armed(AT)?.state]).toEqual(['dead', 'armed']);
    made.patcher.delivering(0, NMI);
    expect(made.target.rip()).toBe(AT);
    made.comeBack();
    expect([made.fired.length, old.state]).toEqual([1, 'removed']);
  });

  test('a guest’s INT3 on the site', () => {
    const made = lab(`55${NOPS}`, { injector: injector('guest-int3/1') });
    const site = made.set();
    made.trap();
    expect(site).toMatchObject({ state: 'dead', why: 'the guest set its own INT3' });
    made.stepTrap(SCRATCH + 1n);
    expect([site.state, made.target.hex(AT, 1), made.target.rip()]).toEqual(['removed', 'cc', AT + 1n]);
  });

  test('interrupts, NMIs and stalls are asked of the machine, with the CPU on its trap', () => {
    const asked: string[] = [];
    const made = lab(`55${NOPS}`, {
      injector: injector('interrupt@1,nmi@2,two-cpus/2'),
      prefer: 'emulated',
      actions: {
        interrupt: (cpu) => void asked.push(`interrupt ${cpu} at ${made.target.rip() === SCRATCH}`),
        nmi: (cpu) => void asked.push(`nmi ${cpu}`),
        stall: (cpu) => void asked.push(`stall ${cpu}`),
      },
    });
    made.set();
    made.trap();
    made.stepTrap(SCRATCH + 1n);
    made.trap();
    expect(asked).toEqual(['interrupt 0 at true', 'nmi 0', 'stall 0']);
  });

  test('withheld firings are counted, their instruction runs', () => {
    const made = lab(`55${NOPS}`, { fire: () => 'withheld' });
    const site = made.set();
    made.trap();
    made.stepTrap(SCRATCH + 1n);
    expect([site.hits, site.withheld, made.target.rip()]).toEqual([1, 1, AT + 1n]);
  });
});

test('registers that a retry is known by include the address space', () => {
  const { target, patcher, set, trap, comeBack, fired } = lab(`ff30${NOPS}`);
  set();
  trap();
  patcher.delivering(0, PAGE_FAULT);
  target.writeRegister(0, REGISTERS.cr3.id, 0x5000n);
  comeBack();
  expect(fired).toHaveLength(2);
});
