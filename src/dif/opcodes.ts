/**
 * The DIF instruction set (d-language.md section 12.2, same numbers).
 *
 * An instruction is one 32-bit word, `op<<24 | a<<16 | b<<8 | c`. Forms, by operand layout:
 *   rrr   r1, r2, rd        a=r1 b=r2 c=rd
 *   rr    r1, rd            a=r1 b=0  c=rd
 *   cmp   r1, r2            a=r1 b=r2 c=0
 *   tst   r1                a=r1 b=0  c=0
 *   br    label             a,b,c = 24-bit instruction index, strictly forward
 *   ret   rd                a=0 b=0 c=rd
 *   none                    a=b=c=0
 *   int   [index], rd       index<<8 | rd: 16-bit index into the integer table
 *   str   [index], rd       16-bit *byte offset* into the string table
 *   var   variable, rd      16-bit variable id; for stores the register is the value read
 *   arr   array, ri, rd     a=array id, b=index register, c=rd
 *   call  subr, rd          16-bit subroutine id
 *   push  type, r1, rs      a=type (0 bytes by value, 1 string by reference), b=size register (0 = 8), c=value register
 *   ld    [r1], rd          a=r1 c=rd
 *   st    r1, [rd]          a=r1 (value) c=rd (address)
 *
 * Notation of `does`: R[x] register x, I[x] integer table, S[x] address of string-table byte x, V[x] variable,
 * T the tuple stack, M[a] memory at address a; R[0] is always 0; arithmetic wraps at 64 bits; a shift count outside
 * 0..63 gives 0. A by-reference variable (string, struct, array) reads as its address and is stored by copying
 * from an address.
 */
export type Form =
  | 'rrr'
  | 'rr'
  | 'cmp'
  | 'tst'
  | 'br'
  | 'ret'
  | 'none'
  | 'int'
  | 'str'
  | 'var'
  | 'arr'
  | 'call'
  | 'push'
  | 'ld'
  | 'st';

export interface OpcodeDef {
  readonly op: number;
  readonly form: Form;
  readonly does: string;
}

export const OPCODES = {
  or: { op: 1, form: 'rrr', does: 'R[rd] := R[r1] | R[r2]' },
  xor: { op: 2, form: 'rrr', does: 'R[rd] := R[r1] ^ R[r2]' },
  and: { op: 3, form: 'rrr', does: 'R[rd] := R[r1] & R[r2]' },
  sll: { op: 4, form: 'rrr', does: 'R[rd] := R[r1] << R[r2]' },
  srl: { op: 5, form: 'rrr', does: 'R[rd] := R[r1] >> R[r2], zero fill' },
  sub: { op: 6, form: 'rrr', does: 'R[rd] := R[r1] - R[r2]' },
  add: { op: 7, form: 'rrr', does: 'R[rd] := R[r1] + R[r2]' },
  mul: { op: 8, form: 'rrr', does: 'R[rd] := R[r1] * R[r2]' },
  sdiv: { op: 9, form: 'rrr', does: 'R[rd] := R[r1] / R[r2] signed, toward zero; R[r2] = 0 faults DIVZERO' },
  udiv: { op: 10, form: 'rrr', does: 'R[rd] := R[r1] / R[r2] unsigned; R[r2] = 0 faults DIVZERO' },
  srem: { op: 11, form: 'rrr', does: 'R[rd] := R[r1] % R[r2] signed; R[r2] = 0 faults DIVZERO' },
  urem: { op: 12, form: 'rrr', does: 'R[rd] := R[r1] % R[r2] unsigned; R[r2] = 0 faults DIVZERO' },
  not: { op: 13, form: 'rr', does: 'R[rd] := ~R[r1]' },
  mov: { op: 14, form: 'rr', does: 'R[rd] := R[r1]' },
  cmp: { op: 15, form: 'cmp', does: 'flags := compare R[r1] with R[r2], signed and unsigned' },
  tst: { op: 16, form: 'tst', does: 'flags := compare R[r1] with 0' },
  ba: { op: 17, form: 'br', does: 'go to label' },
  be: { op: 18, form: 'br', does: 'go to label if equal' },
  bne: { op: 19, form: 'br', does: 'go to label if not equal' },
  bg: { op: 20, form: 'br', does: 'go to label if greater, signed' },
  bgu: { op: 21, form: 'br', does: 'go to label if greater, unsigned' },
  bge: { op: 22, form: 'br', does: 'go to label if greater or equal, signed' },
  bgeu: { op: 23, form: 'br', does: 'go to label if greater or equal, unsigned' },
  bl: { op: 24, form: 'br', does: 'go to label if less, signed' },
  blu: { op: 25, form: 'br', does: 'go to label if less, unsigned' },
  ble: { op: 26, form: 'br', does: 'go to label if less or equal, signed' },
  bleu: { op: 27, form: 'br', does: 'go to label if less or equal, unsigned' },
  ldsb: { op: 28, form: 'ld', does: 'R[rd] := int8 M[R[r1]]; unreadable faults BADADDR' },
  ldsh: { op: 29, form: 'ld', does: 'R[rd] := int16 M[R[r1]]' },
  ldsw: { op: 30, form: 'ld', does: 'R[rd] := int32 M[R[r1]]' },
  ldub: { op: 31, form: 'ld', does: 'R[rd] := uint8 M[R[r1]]' },
  lduh: { op: 32, form: 'ld', does: 'R[rd] := uint16 M[R[r1]]' },
  lduw: { op: 33, form: 'ld', does: 'R[rd] := uint32 M[R[r1]]' },
  ldx: { op: 34, form: 'ld', does: 'R[rd] := int64 M[R[r1]]' },
  ret: { op: 35, form: 'ret', does: 'end; the result is R[rd]' },
  nop: { op: 36, form: 'none', does: 'nothing' },
  setx: { op: 37, form: 'int', does: 'R[rd] := I[index]' },
  sets: { op: 38, form: 'str', does: 'R[rd] := S[index]' },
  scmp: {
    op: 39,
    form: 'cmp',
    does: 'flags := compare the strings at R[r1] and R[r2], unsigned bytes up to NUL; NULL is ""',
  },
  ldga: { op: 40, form: 'arr', does: 'R[rd] := array variable a, element R[ri]' },
  ldgs: { op: 41, form: 'var', does: 'R[rd] := V[variable], global scalar or built-in' },
  stgs: { op: 42, form: 'var', does: 'V[variable] := R[rd], global scalar' },
  ldta: { op: 43, form: 'arr', does: 'reserved; refused by the verifier' },
  ldts: { op: 44, form: 'var', does: 'R[rd] := V[variable] of this thread; absent reads 0' },
  stts: { op: 45, form: 'var', does: 'V[variable] of this thread := R[rd]; 0 deletes' },
  sra: { op: 46, form: 'rrr', does: 'R[rd] := R[r1] >> R[r2], sign fill' },
  call: { op: 47, form: 'call', does: 'R[rd] := subroutine(T); the tuple stack is left to be flushed' },
  pushtr: {
    op: 48,
    form: 'push',
    does: 'push the bytes or string at R[rs] on T; R[r1] is the size in bytes',
  },
  pushtv: { op: 49, form: 'push', does: 'push the value R[rs] on T' },
  popts: { op: 50, form: 'none', does: 'pop one entry of T' },
  flushts: { op: 51, form: 'none', does: 'T := empty' },
  ldgaa: {
    op: 52,
    form: 'var',
    does: 'R[rd] := V[variable][T], global associative array; absent reads 0; T := empty',
  },
  ldtaa: { op: 53, form: 'var', does: 'R[rd] := V[variable][T] of this thread; T := empty' },
  stgaa: { op: 54, form: 'var', does: 'V[variable][T] := R[rd], global; 0 deletes; T := empty' },
  sttaa: { op: 55, form: 'var', does: 'V[variable][T] of this thread := R[rd]; 0 deletes; T := empty' },
  ldls: { op: 56, form: 'var', does: 'R[rd] := V[variable], clause-local' },
  stls: { op: 57, form: 'var', does: 'V[variable] := R[rd], clause-local' },
  allocs: {
    op: 58,
    form: 'rr',
    does: 'R[rd] := address of R[r1] zeroed scratch bytes, 8-aligned; faults NOSCRATCH',
  },
  copys: { op: 59, form: 'rrr', does: 'copy R[r2] bytes from M[R[r1]] to M[R[rd]]' },
  stb: { op: 60, form: 'st', does: 'M[R[rd]] := low 8 bits of R[r1]; only engine memory is writable' },
  sth: { op: 61, form: 'st', does: 'M[R[rd]] := low 16 bits of R[r1]' },
  stw: { op: 62, form: 'st', does: 'M[R[rd]] := low 32 bits of R[r1]' },
  stx: { op: 63, form: 'st', does: 'M[R[rd]] := R[r1]' },
  // trapline's own: dtrace's numbers end at 79
  bound: { op: 80, form: 'cmp', does: 'nothing; R[r1] >= R[r2], unsigned, faults BADINDEX; flags stay' },
} as const satisfies Record<string, OpcodeDef>;

export type Mnemonic = keyof typeof OPCODES;

/** General registers per DIFO activation; r0 reads as 0 and is never written. */
export const REGISTER_FILE_SIZE = 32;
/** Entries of the tuple stack: keys of an associative array, arguments of a subroutine. */
export const TUPLE_STACK_SIZE = 16;
