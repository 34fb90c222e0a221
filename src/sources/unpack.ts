/**
 * Decompressors as ChunkReaders: compressed chunks in, plain chunks out, a few at a time. gzip runs on the thread pool
 * beside the scanner; xz and zstd are left to the programs of these names, and to slower libraries where there are none.
 * What a decompressor produced before it met damage is handed out before the failure is.
 */
import { bug } from '../base/assert.ts';
import { ChunkQueue, type ChunkReader } from './chunks.ts';
import { type ProgramFormat, type Unpacking, unpackedByProgram } from './unpack-program.ts';

export async function unpacked(format: 'gzip' | ProgramFormat, packed: ChunkReader): Promise<ChunkReader> {
  if (format === 'gzip') return new Unpacked(packed, await gunzip(packed));
  const unpacking = await unpackedByProgram(format, packed);
  return new Unpacked(packed, unpacking ?? (format === 'xz' ? await unxz(packed) : await unzstd(packed)));
}

class Unpacked implements ChunkReader {
  readonly take: ChunkReader['take'];
  readonly wait: ChunkReader['wait'];
  private readonly packed: ChunkReader;
  private readonly unpacking: Unpacking;

  constructor(packed: ChunkReader, unpacking: Unpacking) {
    this.packed = packed;
    this.unpacking = unpacking;
    this.take = unpacking.take;
    this.wait = unpacking.wait;
  }

  get doneBytes(): number {
    return this.packed.doneBytes;
  }

  get totalBytes(): number | undefined {
    return this.packed.totalBytes;
  }

  next(): Promise<Uint8Array | undefined> {
    return this.unpacking.next();
  }

  unread(): never {
    bug('sources', 'nothing is put back into what has been unpacked');
  }

  close(): void {
    this.packed.close();
    this.unpacking.abandon();
  }
}

/** Output per call into zlib: the scanner's window, so that its thread is busy while the scanner has one. */
const GUNZIP_CHUNK_BYTES = 1 << 20;
/** How far zlib may be ahead of the scanner. */
const GUNZIP_AHEAD_BYTES = 4 << 20;
/**
 * What one call is to unpack to: all of it is held in memory. zlib may make 1000 bytes of one, so the first pieces are
 * small, and others as large as those before them suggest.
 */
const GUNZIP_PIECE_BYTES = 2 << 20;
const FIRST_INPUT_BYTES = 8 * 1024;
/** Compressed bytes per call in the search for the last good byte. */
const SALVAGE_INPUT_BYTES = 16;

async function gunzip(source: ChunkReader): Promise<Unpacking> {
  const packed = source.again ? source : new Remembered(source);
  let room: Promise<void> | undefined; // while there is none
  let release = (): void => {};
  const hold = (full: boolean): void => {
    if (!full) {
      release();
      room = undefined;
    } else
      room ??= new Promise((resolve) => {
        release = resolve;
      });
  };
  const queue = new ChunkQueue(hold, GUNZIP_AHEAD_BYTES, discarding());
  let unpackedBytes = 0;
  const inflater = await createInflater((chunk) => {
    unpackedBytes += chunk.length;
    queue.push(chunk);
  });
  let goodBytes = 0;
  let isAbandoned = false;
  const feed = async (): Promise<void> => {
    for (let chunk = await packed.next(); chunk !== undefined; chunk = await packed.next()) {
      for (let at = 0; at < chunk.length && !isAbandoned; ) {
        const piece = chunk.subarray(at, at + inputBytes(goodBytes, unpackedBytes));
        await inflater.write(piece);
        if (inflater.failure !== undefined) return;
        at += piece.length;
        goodBytes += piece.length;
        await room;
      }
    }
    await inflater.end();
  };
  const run = async (): Promise<void> => {
    await feed();
    // What is abandoned ends early, too; by now its file is closed.
    const again = inflater.failure === undefined || isAbandoned ? undefined : packed.again?.();
    if (again) await salvage(again, goodBytes, unpackedBytes, (chunk) => queue.push(chunk));
    queue.end(inflater.failure);
  };
  run().catch((error) => queue.end(error));
  return {
    next: () => queue.next(),
    take: (bytes, at, size) => queue.take(bytes, at, size),
    wait: () => queue.wait(),
    abandon: () => {
      isAbandoned = true;
      hold(false);
    },
  };
}

/**
 * zlib's output, of which nobody has use any more. Left to the collector it would be the most of its work, since it counts what
 * buffers hold as memory that is running out. Sent to a port that is closed they are gone at once, and the next ones
 * get their memory. A chunk that is not the last of its buffer has zlib's next bytes behind it.
 */
function discarding(): (chunk: Uint8Array) => void {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  port2.close();
  return ({ buffer, byteOffset, byteLength }) => {
    if (buffer instanceof ArrayBuffer && byteOffset + byteLength === GUNZIP_CHUNK_BYTES)
      port1.postMessage(undefined, [buffer]);
  };
}

/** Compressed bytes of the next call, after so many of these and those. */
function inputBytes(packedBytes: number, unpackedBytes: number): number {
  if (packedBytes === 0) return FIRST_INPUT_BYTES;
  const wanted = Math.ceil((packedBytes / Math.max(1, unpackedBytes)) * GUNZIP_PIECE_BYTES);
  return Math.max(1024, wanted);
}

/** What is remembered of compressed input that comes only once: some hundred megabytes of log. */
const REMEMBERED_BYTES = 32 * 1024 * 1024;

/** Input that comes only once, with a memory for its beginning. */
class Remembered implements ChunkReader {
  private readonly source: ChunkReader;
  private chunks: Uint8Array[] | undefined = [];
  private sizeBytes = 0;

  constructor(source: ChunkReader) {
    this.source = source;
  }

  get doneBytes(): number {
    return this.source.doneBytes;
  }

  get totalBytes(): number | undefined {
    return this.source.totalBytes;
  }

  async next(): Promise<Uint8Array | undefined> {
    const chunk = await this.source.next();
    this.sizeBytes += chunk?.length ?? 0;
    if (this.sizeBytes > REMEMBERED_BYTES) this.chunks = undefined;
    else if (chunk) this.chunks?.push(chunk);
    return chunk;
  }

  unread(): never {
    bug('sources', 'nothing is put back into what a decompressor reads');
  }

  /** What was read so far; undefined when that was too much. */
  again(): ChunkReader | undefined {
    const { chunks } = this;
    if (chunks === undefined) return undefined;
    let index = 0;
    return {
      doneBytes: 0,
      totalBytes: undefined,
      next: async () => chunks[index++],
      unread: () => {
        index--;
      },
      close: () => {},
    };
  }

  close(): void {
    this.source.close();
  }
}

/**
 * zlib forgets what it made of the piece of input in which it met damage. Unpack once more, that piece in crumbs, and
 * hand out what the first time did not.
 */
async function salvage(
  packed: ChunkReader,
  goodBytes: number,
  unpackedBytes: number,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  let known = unpackedBytes;
  const inflater = await createInflater((chunk) => {
    const skipped = Math.min(known, chunk.length);
    known -= skipped;
    if (skipped < chunk.length) take(chunk.subarray(skipped));
  });
  let offset = 0;
  for (let chunk = await packed.next(); chunk !== undefined; chunk = await packed.next()) {
    const good = Math.min(Math.max(goodBytes - offset, 0), chunk.length);
    const rest = pieces(chunk.subarray(good), SALVAGE_INPUT_BYTES);
    for (const piece of [...pieces(chunk.subarray(0, good), FIRST_INPUT_BYTES), ...rest]) {
      await inflater.write(piece);
      if (inflater.failure !== undefined) return;
    }
    offset += chunk.length;
  }
}

function pieces(chunk: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(chunk.length / size);
  return Array.from({ length: count }, (_, i) => chunk.subarray(i * size, (i + 1) * size));
}

interface Inflater {
  /** Settled when the piece is done with, or has failed. */
  write(piece: Uint8Array): Promise<void>;
  end(): Promise<void>;
  readonly failure: unknown;
}

async function createInflater(take: (chunk: Uint8Array) => void): Promise<Inflater> {
  const { createGunzip } = await import('node:zlib');
  const stream = createGunzip({ chunkSize: GUNZIP_CHUNK_BYTES });
  let failure: unknown;
  let settle = (): void => {};
  stream.on('data', take);
  stream.on('end', () => settle());
  stream.on('error', (error) => {
    failure = error;
    settle(); // a piece in which the data went wrong is never called back
  });
  const settled = (start: () => void): Promise<void> =>
    new Promise((resolve) => {
      settle = resolve;
      start();
    });
  return {
    write: (piece) => settled(() => stream.write(piece, () => settle())),
    end: () => settled(() => stream.end()),
    get failure() {
      return failure;
    },
  };
}

type XzModule = Pick<typeof import('xz-decompress'), 'XzReadableStream'>;

async function unxz(packed: ChunkReader): Promise<Unpacking> {
  // A CommonJS module: its names may hang on `default`, depending on who bundles.
  const loaded = (await import('xz-decompress')) as XzModule & { readonly default?: XzModule };
  const { XzReadableStream } = loaded.default ?? loaded;
  const { ReadableStream } = await import('node:stream/web');
  let ending = '';
  let inputEnded = false;
  const source = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await packed.next();
      inputEnded = chunk === undefined;
      if (chunk === undefined) controller.close();
      else {
        ending = endingOf(ending, chunk);
        controller.enqueue(chunk);
      }
    },
  });
  const reader = new XzReadableStream(
    source as ConstructorParameters<typeof XzReadableStream>[0],
  ).getReader();
  const next = async (): Promise<Uint8Array | undefined> => {
    // The decompressor does not tell an input that ends early from one that is wrong, and may take it for whole.
    const cut = (): boolean => inputEnded && ending !== XZ_FOOTER;
    try {
      const { value } = await reader.read();
      if (value !== undefined) return value;
      if (cut()) throw new Error(UNEXPECTED_END);
      return undefined;
    } catch (error) {
      throw cut() ? new Error(UNEXPECTED_END) : error;
    }
  };
  // The library unpacks one stream at a time: one that is not read to its end would keep the next from beginning.
  // A read that is under way ends first, since by now the input is closed.
  const abandon = (): void => void setImmediate(() => reader.cancel().catch(() => {}));
  return { next, abandon };
}

const UNEXPECTED_END = 'unexpected end of data';
/** The last two bytes of an xz stream; padding of zeros may follow. */
const XZ_FOOTER = 'YZ';

/** The last two bytes that are not zero, of all chunks so far. */
function endingOf(before: string, chunk: Uint8Array): string {
  let end = chunk.length;
  while (end > 0 && chunk[end - 1] === 0) end--;
  return (before + Buffer.from(chunk.subarray(Math.max(0, end - 2), end)).toString('latin1')).slice(-2);
}

async function unzstd(packed: ChunkReader): Promise<Unpacking> {
  const { Decompress } = await import('fzstd');
  const ready: Uint8Array[] = [];
  const decompressor = new Decompress((chunk) => {
    if (chunk.length > 0) ready.push(chunk);
  });
  let ended = false;
  let failure: unknown;
  const next = async (): Promise<Uint8Array | undefined> => {
    while (ready.length === 0 && !ended) {
      const chunk = await packed.next();
      ended = chunk === undefined;
      try {
        decompressor.push(chunk ?? new Uint8Array(0), ended);
      } catch (error) {
        failure = error;
        ended = true;
      }
    }
    const chunk = ready.shift();
    if (chunk === undefined && failure !== undefined) throw failure;
    return chunk;
  };
  return { next, abandon: () => {} };
}
