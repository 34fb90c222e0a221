/**
 * Where a live guest listens: what a user writes for `--attach` and `--qmp`, and QEMU for `-gdb` and `-qmp`.
 *
 * In: `unix:PATH`, `/path`, `./path`, `../path`, `host:port`, `[::1]:port`, `:port`, `tcp:` before any of the last
 * three, each optionally followed by QEMU's `,server=on,…`. Out: a `SocketAddress`, or why it is none.
 */

export type SocketAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

export interface BadAddress {
  readonly kind: 'bad';
  readonly reason: string; // a whole sentence without its full stop
}

/** sun_path of Linux holds 108 bytes, one of them NUL; connect(2) says only "Invalid argument". */
const MAX_UNIX_PATH_BYTES = 107;

export function parseSocketAddress(text: string): SocketAddress | BadAddress {
  const bare = text.replace(/,.*$/s, ''); // QEMU's options belong to the listening side
  if (bare.startsWith('unix:')) return unixAddress(bare.slice('unix:'.length));
  if (/^\.{0,2}\//.test(bare)) return unixAddress(bare);
  return tcpAddress(bare.replace(/^tcp:(?=.*:\d)/, ''), text);
}

/** As a user may write it again. */
export function formatSocketAddress(address: SocketAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

function unixAddress(path: string): SocketAddress | BadAddress {
  if (path === '') return bad('the path of the socket is empty');
  const size = new TextEncoder().encode(path).length;
  if (size > MAX_UNIX_PATH_BYTES) {
    return bad(`the path of a socket has at most ${MAX_UNIX_PATH_BYTES} bytes, and this one has ${size}`);
  }
  return { kind: 'unix', path };
}

function tcpAddress(bare: string, text: string): SocketAddress | BadAddress {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:\s]*)):(\d+)$/.exec(bare);
  if (match === null) return bad(`expected host:port, :port, or a path with a '/', and found '${text}'`);
  const port = Number(match[3]);
  if (port < 1 || port > 65535) return bad(`a port is 1 to 65535, and this one is ${match[3]}`);
  return { kind: 'tcp', host: match[1] ?? (match[2] || '127.0.0.1'), port };
}

function bad(reason: string): BadAddress {
  return { kind: 'bad', reason };
}
