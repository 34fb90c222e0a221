/**
 * Constants of the D libraries that describe files, processes and network packets (io.d, procfs.d, signal.d, ip.d,
 * tcp.d): scripts that trace such things compare with them. Linux's numbers where Linux has any.
 *
 * A program's own definition of such a name wins: headers that it includes have the same ones.
 */

const NUMBERED: readonly (readonly [prefix: string, first: number, names: string])[] = [
  ['CLD_', 1, 'EXITED KILLED DUMPED TRAPPED STOPPED CONTINUED'],
  ['SOBJ_', 0, 'NONE MUTEX RWLOCK CV SEMA USER USER_PI SHUTTLE'],
  ['S', 1, 'SLEEP RUN ZOMB STOP IDL ONPROC WAIT'],
  [
    'TCP_STATE_',
    1,
    'ESTABLISHED SYN_SENT SYN_RECEIVED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED CLOSE_WAIT LAST_ACK LISTEN CLOSING',
  ],
];

/** One bit each, from the lowest on. */
const BITS: readonly (readonly [prefix: string, names: string])[] = [
  ['TH_', 'FIN SYN RST PUSH ACK URG ECE CWR'],
  ['PR_', 'STOPPED ISTOP DSTOP STEP ASLEEP PCINVAL ASLWP AGENT DETACH DAEMON'],
];

const OTHERS: Readonly<Record<string, number>> = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_ACCMODE: 3,
  O_CREAT: 0x40,
  O_EXCL: 0x80,
  O_NOCTTY: 0x100,
  O_TRUNC: 0x200,
  O_APPEND: 0x400,
  O_NDELAY: 0x800,
  O_NONBLOCK: 0x800,
  O_DSYNC: 0x1000,
  O_LARGEFILE: 0x8000,
  O_SYNC: 0x10_1000,
  O_RSYNC: 0x10_1000,
  IPPROTO_IP: 0,
  IPPROTO_ICMP: 1,
  IPPROTO_IGMP: 2,
  IPPROTO_TCP: 6,
  IPPROTO_EGP: 8,
  IPPROTO_PUP: 12,
  IPPROTO_UDP: 17,
  IPPROTO_IDP: 22,
  IPPROTO_IPV6: 41,
  IPPROTO_ROUTING: 43,
  IPPROTO_ESP: 50,
  IPPROTO_AH: 51,
  IPPROTO_ICMPV6: 58,
  IPPROTO_NONE: 59,
  IPPROTO_DSTOPTS: 60,
  IPPROTO_RAW: 255,
  PF_UNIX: 1,
  PF_INET: 2,
  PF_INET6: 10,
  ARPHRD_LOOPBACK: 772,
};

let table: ReadonlyMap<string, number> | undefined;

export function libraryConstants(): ReadonlyMap<string, number> {
  table ??= new Map(constants());
  return table;
}

function* constants(): Iterable<[string, number]> {
  for (const [prefix, first, names] of NUMBERED)
    for (const [i, name] of names.split(' ').entries()) yield [prefix + name, first + i];
  for (const [prefix, names] of BITS)
    for (const [i, name] of names.split(' ').entries()) yield [prefix + name, 1 << i];
  yield* Object.entries(OTHERS);
}
