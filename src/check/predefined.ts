/**
 * Integer constants that every program may use, as D libraries define them with inlines: NULL, fault codes, signals,
 * errors, address families, the register indices of `uregs[]` (d-language.md 4.1), and those of library-constants.ts.
 */
import { FAULTS } from '../dif/faults.ts';
import { INT, LONG } from '../types/intrinsic.ts';
import type { IntType } from '../types/type.ts';
import { libraryConstants } from './library-constants.ts';

export interface PredefinedConstant {
  readonly value: bigint;
  readonly type: IntType;
}

/** Linux signal numbers. */
const SIGNALS: readonly string[] = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU ' +
  'URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');

/** Linux error numbers from 1 on; `-` where a number has no name. */
const ERRORS: readonly string[] = (
  'PERM NOENT SRCH INTR IO NXIO 2BIG NOEXEC BADF CHILD AGAIN NOMEM ACCES FAULT NOTBLK BUSY EXIST XDEV NODEV NOTDIR ' +
  'ISDIR INVAL NFILE MFILE NOTTY TXTBSY FBIG NOSPC SPIPE ROFS MLINK PIPE DOM RANGE DEADLK NAMETOOLONG NOLCK NOSYS ' +
  'NOTEMPTY LOOP - NOMSG IDRM CHRNG L2NSYNC L3HLT L3RST LNRNG UNATCH NOCSI L2HLT BADE BADR XFULL NOANO BADRQC BADSLT ' +
  '- BFONT NOSTR NODATA TIME NOSR NONET NOPKG REMOTE NOLINK ADV SRMNT COMM PROTO MULTIHOP DOTDOT BADMSG OVERFLOW ' +
  'NOTUNIQ BADFD REMCHG LIBACC LIBBAD LIBSCN LIBMAX LIBEXEC ILSEQ RESTART STRPIPE USERS NOTSOCK DESTADDRREQ MSGSIZE ' +
  'PROTOTYPE NOPROTOOPT PROTONOSUPPORT SOCKTNOSUPPORT OPNOTSUPP PFNOSUPPORT AFNOSUPPORT ADDRINUSE ADDRNOTAVAIL ' +
  'NETDOWN NETUNREACH NETRESET CONNABORTED CONNRESET NOBUFS ISCONN NOTCONN SHUTDOWN TOOMANYREFS TIMEDOUT ' +
  'CONNREFUSED HOSTDOWN HOSTUNREACH ALREADY INPROGRESS STALE UCLEAN NOTNAM NAVAIL ISNAM REMOTEIO DQUOT NOMEDIUM ' +
  'MEDIUMTYPE CANCELED NOKEY KEYEXPIRED KEYREVOKED KEYREJECTED OWNERDEAD NOTRECOVERABLE RFKILL HWPOISON'
).split(' ');

/** Indices of uregs[], each with its names. */
const REGISTER_INDICES: Readonly<Record<number, string>> = {
  0: 'R15',
  1: 'R14',
  2: 'R13',
  3: 'R12',
  4: 'RBP EBP FP',
  5: 'RBX EBX R1',
  6: 'R11',
  7: 'R10',
  8: 'R9',
  9: 'R8',
  10: 'RAX EAX R0',
  11: 'RCX ECX',
  12: 'RDX EDX',
  13: 'RSI ESI',
  14: 'RDI EDI',
  15: 'ERR',
  16: 'RIP EIP PC',
  17: 'CS',
  18: 'RFL EFL PS',
  19: 'RSP ESP UESP SP',
  20: 'SS',
  21: 'DS',
  22: 'ES',
  23: 'FS',
  24: 'GS',
  25: 'TRAPNO',
  32: 'CR0',
  33: 'CR2',
  34: 'CR3',
  35: 'CR4',
  36: 'CR8',
  37: 'EFER',
  38: 'FSBASE',
  39: 'GSBASE',
  40: 'CPL',
};

const OTHERS: Readonly<Record<string, number>> = {
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  ARPHRD_ETHER: 1,
  ARPHRD_INFINIBAND: 32,
  EWOULDBLOCK: 11,
  EDEADLOCK: 35,
  SIGABRT: 6,
  SIGIOT: 6,
  SIGCLD: 17,
  SIGPOLL: 29,
  SIGRTMIN: 34,
  SIGRTMAX: 64,
};

let table: ReadonlyMap<string, PredefinedConstant> | undefined;

/** Made when a program first uses a name that is nothing else. */
export function predefined(): ReadonlyMap<string, PredefinedConstant> {
  table ??= new Map(constants());
  return table;
}

function* constants(): Iterable<[string, PredefinedConstant]> {
  yield ['NULL', { value: 0n, type: LONG }];
  for (const [name, fault] of Object.entries(FAULTS)) yield [`DTRACEFLT_${name}`, int(fault.code)];
  for (const [i, name] of SIGNALS.entries()) yield [`SIG${name}`, int(i + 1)];
  for (const [i, name] of ERRORS.entries()) if (name !== '-') yield [`E${name}`, int(i + 1)];
  for (const [index, names] of Object.entries(REGISTER_INDICES)) {
    for (const name of names.split(' ')) yield [`R_${name}`, int(Number(index))];
  }
  for (const [name, value] of Object.entries(OTHERS)) yield [name, int(value)];
  for (const [name, value] of libraryConstants()) yield [name, int(value)];
}

function int(value: number): PredefinedConstant {
  return { value: BigInt(value), type: INT };
}
