/**
 * A file read whole, unpacked when it is .gz, .xz or .zst by its first bytes: symbol tables and the like, which are no
 * streams. In: a path. Out: its bytes, or why they cannot be had.
 */
import fs from 'node:fs';
import { systemReason } from '../base/system-reason.ts';
import type { ChunkReader } from './chunks.ts';

/** Debug builds of kernels have a GiB; more does not fit into one array of bytes on every Node. */
const MAX_BYTES = 2 ** 31;

/** Why a file cannot be read, asked without reading it. */
export function whyUnreadable(path: string): string | undefined {
  try {
    const stat = fs.statSync(path);
    if (stat.isDirectory()) return 'Is a directory';
    if (!stat.isFile()) return 'it is no regular file';
    if (stat.size > MAX_BYTES) return `it is larger than ${MAX_BYTES} bytes`;
    fs.accessSync(path, fs.constants.R_OK);
    return undefined;
  } catch (error) {
    return systemReason(error);
  }
}

export async function readWholeFile(path: string): Promise<Uint8Array | string> {
  const unreadable = whyUnreadable(path);
  if (unreadable !== undefined) return unreadable;
  try {
    const bytes = fs.readFileSync(path);
    const format = PACKINGS.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte))?.format;
    return format === undefined ? bytes : await unpackWhole(format, bytes);
  } catch (error) {
    return systemReason(error);
  }
}

const PACKINGS = [
  { format: 'gzip', magic: [0x1f, 0x8b] },
  { format: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { format: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd] },
] as const;

async function unpackWhole(
  format: (typeof PACKINGS)[number]['format'],
  bytes: Uint8Array,
): Promise<Uint8Array | string> {
  try {
    if (format === 'gzip') {
      const { gunzipSync } = await import('node:zlib');
      return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
    }
    const { unpacked } = await import('./unpack.ts');
    return await joined(await unpacked(format, oneChunk(bytes)));
  } catch (error) {
    return `it is damaged ${format} data (${systemReason(error)})`;
  }
}

async function joined(chunks: ChunkReader): Promise<Uint8Array | string> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (let chunk = await chunks.next(); chunk !== undefined; chunk = await chunks.next()) {
    parts.push(chunk.slice());
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BYTES) return `it is larger than ${MAX_BYTES} bytes`;
  }
  return Buffer.concat(parts);
}

function oneChunk(bytes: Uint8Array): ChunkReader {
  let rest: Uint8Array | undefined = bytes;
  return {
    doneBytes: bytes.length,
    totalBytes: bytes.length,
    next: async () => {
      const chunk = rest;
      rest = undefined;
      return chunk;
    },
    unread: (chunk) => {
      rest = chunk;
    },
    close: () => {},
  };
}
