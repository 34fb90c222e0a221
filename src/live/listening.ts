/** Whether somebody listens on a unix socket. Its file is there some time before: QEMU makes all sockets and then begins to listen. */
import fs from 'node:fs';

/** Linux tells, one line a socket: address, references, protocol, flags, …, path. */
const TABLE = '/proc/net/unix';
const FLAGS_AT = 3;
const ACCEPTS_CONNECTIONS = 0x10000;

/** Where Linux' table is not to be had, the file has to do. */
export function isListening(path: string): boolean {
  if (!fs.existsSync(TABLE)) return fs.existsSync(path);
  const lines = fs.readFileSync(TABLE, 'utf8').split('\n');
  return lines.some((line) => line.endsWith(` ${path}`) && acceptsConnections(line));
}

function acceptsConnections(line: string): boolean {
  return (Number.parseInt(line.split(/\s+/)[FLAGS_AT] ?? '', 16) & ACCEPTS_CONNECTIONS) !== 0;
}
