/** How a gdb request fails: one class, told apart by `kind`; the message is a sentence for the user. */

export type GdbErrorKind =
  | 'connect' // nobody to talk to, or an address that is none
  | 'timeout' // no answer in time
  | 'closed' // the connection ended before the answer
  | 'exited' // QEMU said that it exits
  | 'protocol' // the other side does not speak gdb's protocol, or breaks it
  | 'refused' // never sent: the guest runs, a name is unknown, the stub cannot do that
  | 'error-reply'; // the stub said E and a number

export class GdbError extends Error {
  readonly kind: GdbErrorKind;
  readonly errno: number | undefined; // of an error reply: 14 unmapped memory, 22 not acceptable

  constructor(kind: GdbErrorKind, message: string, errno?: number) {
    super(message);
    this.name = 'GdbError';
    this.kind = kind;
    this.errno = errno;
  }
}

/** What QEMU's error numbers mean; it takes them from errno(3). */
const ERRNO_TEXT: Readonly<Record<number, string>> = {
  14: 'no memory is mapped there, or no such register',
  22: 'not acceptable',
  28: 'no room for another breakpoint',
};

export function errorReply(request: string, reply: string): GdbError {
  // The protocol says hex; QEMU writes the decimal number of errno(3): E14 is EFAULT.
  const errno = Number.parseInt(reply.slice(1, 3), 10);
  const meaning = ERRNO_TEXT[errno];
  const why = meaning === undefined ? '' : ` (${meaning})`;
  return new GdbError('error-reply', `the guest's gdb stub refused ${request}: ${reply}${why}`, errno);
}
