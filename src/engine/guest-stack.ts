/**
 * Stacks at the probe: the frames that stack(), ustack(), caller and stackdepth are about.
 *
 * In: the firing, and who can follow a stack through the guest's memory (machine/target.ts), if anybody can. Out: frames,
 * in `frames`, and how many. Where nobody can there is one, the pc of the interrupted context, on the stack of the level it
 * ran at. Each asking walks anew, as far as it has to; a walk costs far more than the few objects made here.
 */
import { ARCHITECTURE_IDS, USER_LEVELS } from '../machine/causes.ts';
import type { StackSide, StackStart, StackWalker } from '../machine/target.ts';
import { NO_ROW } from './firing.ts';
import type { MachineState } from './machine-state.ts';

/** What is used of machine-state.ts. */
type Machine = Pick<MachineState, 'memory' | 'firing'>;

/** stackdepth counts no further. */
const MAX_DEPTH = 1024;

export class GuestStack {
  /** What the last walk found; the element behind the frames is 0 or a mark (StackWalker). */
  frames = new BigUint64Array(64);
  private readonly m: Machine;
  private readonly walker: StackWalker | undefined;
  /** A word of scratch. */
  readonly wordAt: number;
  private readonly start: { pc: bigint; inKernel: boolean; register: StackStart['register'] };

  constructor(m: Machine, walker: StackWalker | undefined) {
    this.m = m;
    this.walker = walker;
    this.wordAt = m.memory.reserve(8);
    this.start = { pc: 0n, inKernel: false, register: (id) => this.register(id) };
  }

  /** Finds the frames, at most `limit`; returns how many. */
  find(side: StackSide, limit = MAX_DEPTH): number {
    const { row, batch } = this.m.firing;
    this.frames[0] = 0n;
    if (row === NO_ROW || limit === 0) return 0;
    const { u8, u64 } = this.m.memory;
    const inUser = u8[batch.at.cpl + row]! === USER_LEVELS[batch.architecture];
    const isShown = inUser === (side === 'user');
    const pc = u64[(batch.at.pc >>> 3) + row]!;
    if (!this.walks(u8[batch.at.kind + row]!)) {
      this.frames[0] = isShown ? pc : 0n;
      this.frames[1] = 0n;
      return isShown ? 1 : 0;
    }
    if (this.frames.length <= limit) this.frames = new BigUint64Array(limit + 1);
    this.start.pc = pc;
    this.start.inKernel = !inUser;
    this.frames[0] = 0n;
    return this.walker!.walk(side, this.start, this.frames, limit);
  }

  /** W[to] := where the function at the probe returns to; 0 when that is not known. */
  readCaller(side: StackSide, to: number): true {
    this.m.memory.u64[to >>> 1] = this.find(side, 2) === 2 ? this.frames[1]! : 0n;
    return true;
  }

  private walks(eventKind: number): boolean {
    const isX86 = this.m.firing.batch.architecture === ARCHITECTURE_IDS.x86;
    return isX86 && (this.walker?.sees(eventKind) ?? false);
  }

  private register(id: number): bigint | undefined {
    const { memory, firing } = this.m;
    if (!firing.batch.registers.read(firing.row, id, memory, this.wordAt)) return undefined;
    return memory.u64[this.wordAt >>> 3]!;
  }
}
