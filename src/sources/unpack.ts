/**
 * Decompressors as ChunkReaders: compressed chunks in, plain chunks out, a few at a time. gzip runs on the thread pool
 * beside the scanner. What a decompressor produced before it met damage is handed out before the failure is.
 */
import { ChunkQueue, type ChunkReader } from './chunks.ts';

export async function unpacked(format: 'gzip' | 'xz' | 'zstd', packed: ChunkReader): Promise<ChunkReader> {
  switch (format) {
    case 'gzip':
      return new Unpacked(packed, await gunzip(packed));
    case 'xz':
      return new Unpacked(packed, await unxz(packed));
    case 'zstd':
      return new Unpacked(packed, await unzstd(packed));
  }
}

type Next = () => Promise<Uint8Array | undefined>;

class Unpacked implements ChunkReader {
  private readonly packed: ChunkReader;
  private readonly produce: Next;
  private head: Uint8Array | undefined;

  constructor(packed: ChunkReader, produce: Next) {
    this.packed = packed;
    this.produce = produce;
  }

  get doneBytes(): number {
    return this.packed.doneBytes;
  }

  get totalBytes(): number | undefined {
    return this.packed.totalBytes;
  }

  async next(): Promise<Uint8Array | undefined> {
    const chunk = this.head ?? (await this.produce());
    this.head = undefined;
    return chunk;
  }

  unread(chunk: Uint8Array): void {
    this.head = chunk;
  }

  close(): void {
    this.packed.close();
  }
}

/** Output per call into zlib; larger gains nothing, smaller costs up to half the speed. */
const GUNZIP_CHUNK_BYTES = 256 * 1024;

async function gunzip(packed: ChunkReader): Promise<Next> {
  const { createGunzip } = await import('node:zlib');
  const stream = createGunzip({ chunkSize: GUNZIP_CHUNK_BYTES });
  const queue = new ChunkQueue((paused) => {
    if (paused !== stream.isPaused()) paused ? stream.pause() : stream.resume();
  });
  stream.on('data', (chunk: Uint8Array) => queue.push(chunk));
  stream.on('end', () => queue.end());
  stream.on('error', (error) => queue.end(error));
  let closed: (() => void) | undefined;
  stream.on('close', () => closed?.());
  const feed = async (): Promise<void> => {
    for (let chunk = await packed.next(); chunk !== undefined; chunk = await packed.next()) {
      await new Promise<void>((resolve) => {
        closed = resolve; // a chunk in which the data went wrong is never called back
        stream.write(chunk, () => resolve());
      });
      if (stream.destroyed) return;
    }
    stream.end();
  };
  feed().catch((error) => queue.end(error));
  return () => queue.next();
}

type XzModule = Pick<typeof import('xz-decompress'), 'XzReadableStream'>;

async function unxz(packed: ChunkReader): Promise<Next> {
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
  return async () => {
    // The decompressor does not tell an input that ends early from one that is wrong, and may take it for whole.
    const cut = (): boolean => inputEnded && ending !== XZ_FOOTER;
    try {
      const { value } = await reader.read();
      if (value === undefined && cut()) throw new Error(UNEXPECTED_END);
      return value;
    } catch (error) {
      throw cut() ? new Error(UNEXPECTED_END) : error;
    }
  };
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

async function unzstd(packed: ChunkReader): Promise<Next> {
  const { Decompress } = await import('fzstd');
  const ready: Uint8Array[] = [];
  const decompressor = new Decompress((chunk) => {
    if (chunk.length > 0) ready.push(chunk);
  });
  let ended = false;
  let failure: unknown;
  return async () => {
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
}
