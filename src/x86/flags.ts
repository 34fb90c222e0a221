/**
 * Arithmetic flags, computed when asked for.
 *
 * An instruction leaves what it computed (left, right, result; all sign-extended to 64 bits, so that one formula serves all
 * sizes) and one of these kinds. Flags that the manuals call undefined are what QEMU's TCG makes of them, because QEMU is
 * what the core is compared with.
 *
 *   kind    CF                      OF                            AF
 *   EAGER   all in cpu.flags
 *   ADD     carry out of bit 63     signs of operands ≠ result's   carry out of bit 3        (also ADC)
 *   SUB     borrow                  likewise                       borrow into bit 3         (also SBB, CMP, NEG, CMPXCHG)
 *   LOGIC   0                       0                              0
 *   INC     ccCarry                 as ADD                         as ADD
 *   DEC     ccCarry                 as SUB                         as SUB
 *   GIVEN   ccCarry bit 0           ccCarry bit 11                 0                          (shifts, multiplications)
 * ZF, SF and PF are the result's in all of them but EAGER.
 */
import { ARITHMETIC_FLAGS, type Cpu, FIXED_FLAGS, FLAG } from './cpu.ts';

const CC_EAGER = 0;
export const CC_ADD = 1;
export const CC_SUB = 2;
const CC_LOGIC = 3;
export const CC_INC = 4;
export const CC_DEC = 5;
const CC_GIVEN = 6;

const PARITY = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = byte;
  bits ^= bits >> 4;
  bits ^= bits >> 2;
  bits ^= bits >> 1;
  return bits & 1 ? 0 : FLAG.PF;
});

export function carry(cpu: Cpu): number {
  switch (cpu.ccKind) {
    case CC_ADD:
      return ((cpu.ccLeftHigh & cpu.ccRightHigh) | ((cpu.ccLeftHigh | cpu.ccRightHigh) & ~cpu.ccHigh)) >>> 31;
    case CC_SUB:
      return (
        ((~cpu.ccLeftHigh & cpu.ccRightHigh) | ((~cpu.ccLeftHigh | cpu.ccRightHigh) & cpu.ccHigh)) >>> 31
      );
    case CC_LOGIC:
      return 0;
    case CC_EAGER:
      return cpu.flags & 1;
    default:
      return cpu.ccCarry & 1;
  }
}

function overflow(cpu: Cpu): number {
  switch (cpu.ccKind) {
    case CC_ADD:
    case CC_INC:
      return ((cpu.ccLeftHigh ^ cpu.ccHigh) & (cpu.ccRightHigh ^ cpu.ccHigh)) >>> 31;
    case CC_SUB:
    case CC_DEC:
      return ((cpu.ccLeftHigh ^ cpu.ccRightHigh) & (cpu.ccLeftHigh ^ cpu.ccHigh)) >>> 31;
    case CC_LOGIC:
      return 0;
    case CC_EAGER:
      return (cpu.flags >>> 11) & 1;
    default:
      return (cpu.ccCarry >>> 11) & 1;
  }
}

export function isZero(cpu: Cpu): boolean {
  return cpu.ccKind === CC_EAGER ? (cpu.flags & FLAG.ZF) !== 0 : (cpu.ccLow | cpu.ccHigh) === 0;
}

function isNegative(cpu: Cpu): boolean {
  return cpu.ccKind === CC_EAGER ? (cpu.flags & FLAG.SF) !== 0 : cpu.ccHigh < 0;
}

function hasParity(cpu: Cpu): boolean {
  return cpu.ccKind === CC_EAGER ? (cpu.flags & FLAG.PF) !== 0 : PARITY[cpu.ccLow & 0xff] !== 0;
}

/** RFLAGS as PUSHF shows them (RF and VM included). */
export function readFlags(cpu: Cpu): number {
  if (cpu.ccKind === CC_EAGER) return cpu.flags;
  const kind = cpu.ccKind;
  const half =
    kind === CC_LOGIC || kind === CC_GIVEN ? 0 : (cpu.ccLeftLow ^ cpu.ccRightLow ^ cpu.ccLow) & FLAG.AF;
  const bits =
    carry(cpu) |
    PARITY[cpu.ccLow & 0xff]! |
    half |
    ((cpu.ccLow | cpu.ccHigh) === 0 ? FLAG.ZF : 0) |
    (cpu.ccHigh < 0 ? FLAG.SF : 0) |
    (overflow(cpu) << 11);
  return (cpu.flags & ~ARITHMETIC_FLAGS) | bits;
}

/** Make cpu.flags the whole truth, so that single bits of it can be changed. */
export function settleFlags(cpu: Cpu): void {
  cpu.flags = readFlags(cpu);
  cpu.ccKind = CC_EAGER;
}

export function writeFlags(cpu: Cpu, value: number): void {
  cpu.flags = value | FIXED_FLAGS;
  cpu.ccKind = CC_EAGER;
}

/** Result of a logical operation, sign-extended. */
export function setLogic(cpu: Cpu, low: number, high: number): void {
  cpu.ccKind = CC_LOGIC;
  cpu.ccLow = low;
  cpu.ccHigh = high;
}

/** A result whose CF and OF are known. */
export function setGiven(cpu: Cpu, low: number, high: number, cf: number, of: number): void {
  cpu.ccKind = CC_GIVEN;
  cpu.ccLow = low;
  cpu.ccHigh = high;
  cpu.ccCarry = (cf & 1) | ((of & 1) << 11);
}

/** Condition codes as instructions number them: O NO B AE E NE BE A S NS P NP L GE LE G. */
export function condition(cpu: Cpu, code: number): boolean {
  switch (code) {
    case 0:
      return overflow(cpu) !== 0;
    case 1:
      return overflow(cpu) === 0;
    case 2:
      return carry(cpu) !== 0;
    case 3:
      return carry(cpu) === 0;
    case 4:
      return isZero(cpu);
    case 5:
      return !isZero(cpu);
    case 6:
      return isZero(cpu) || carry(cpu) !== 0;
    case 7:
      return !isZero(cpu) && carry(cpu) === 0;
    case 8:
      return isNegative(cpu);
    case 9:
      return !isNegative(cpu);
    case 10:
      return hasParity(cpu);
    case 11:
      return !hasParity(cpu);
    case 12:
      return isNegative(cpu) !== (overflow(cpu) !== 0);
    case 13:
      return isNegative(cpu) === (overflow(cpu) !== 0);
    case 14:
      return isZero(cpu) || isNegative(cpu) !== (overflow(cpu) !== 0);
    default:
      return !isZero(cpu) && isNegative(cpu) === (overflow(cpu) !== 0);
  }
}
