/** How a QMP command fails: one class, told apart by `kind`; the message is a sentence for the user. */

export type QmpErrorKind =
  | 'connect' // nobody to talk to, or an address that is none
  | 'timeout' // no answer in time; the connection stays good
  | 'closed' // the connection ended before the answer
  | 'protocol' // the other side does not speak QMP
  | 'error-reply'; // QEMU refused the command; `class` and `desc` are its own words

export class QmpError extends Error {
  readonly kind: QmpErrorKind;
  readonly class: string | undefined; // GenericError, CommandNotFound, DeviceNotFound …
  readonly desc: string | undefined;

  constructor(
    kind: QmpErrorKind,
    message: string,
    reply?: { readonly class: string; readonly desc: string },
  ) {
    super(message);
    this.name = 'QmpError';
    this.kind = kind;
    this.class = reply?.class;
    this.desc = reply?.desc;
  }
}
