/**
 * What was made of a kernel's boot image, kept for the next run: unpacking one takes seconds, reading this tenths of one.
 *
 * In: a folder, the image's hash, and its symbols as a listing and its BTF. Out: the same, or undefined when there is
 * nothing of use. Nothing here fails: without room or permission, every run unpacks. Runs at the same time do not see
 * each other's half-written files, since a file gets its name when it is whole; its check sum tells whether it still is.
 *
 *   0         8             12           16          20
 *   +---------+-------------+------------+-----------+---------+-------+
 *   | magic   | listing u32 | types u32  | crc32 u32 | listing | types |     sizes in bytes; little endian
 *   +---------+-------------+------------+-----------+---------+-------+
 */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';

export interface KernelFacts {
  readonly listing: Uint8Array; // lines `ADDRESS TYPE NAME`
  readonly types: Uint8Array | undefined; // BTF
}

/** Counts up when the listing of the same image would come out differently. */
const MAGIC = 'tlkern01';
const HEADER_BYTES = 20;
const ENDING = '.kernel';
const DRAFT_ENDING = '.draft';
/** Kernels are a few MB each, and those in use are few. */
const MAX_KEPT = 8;
/** Nobody writes for so long: a run was killed. */
const DRAFT_MS = 3_600_000;

export function kernelKey(image: Uint8Array): string {
  return createHash('sha256').update(image).digest('hex').slice(0, 32);
}

export function readKernelFacts(folder: string, key: string): KernelFacts | undefined {
  const file = path.join(folder, key + ENDING);
  try {
    const facts = decode(fs.readFileSync(file));
    if (facts) fs.utimesSync(file, new Date(), new Date()); // the least recently used goes first
    return facts;
  } catch {
    return undefined;
  }
}

function decode(bytes: Buffer): KernelFacts | undefined {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 8) !== MAGIC) return undefined;
  const [listingBytes, typeBytes, sum] = [8, 12, 16].map((at) => bytes.readUInt32LE(at)) as [
    number,
    number,
    number,
  ];
  const body = bytes.subarray(HEADER_BYTES);
  if (body.length !== listingBytes + typeBytes || crc32(body) !== sum) return undefined;
  const types = typeBytes === 0 ? undefined : body.subarray(listingBytes);
  return { listing: body.subarray(0, listingBytes), types };
}

export function keepKernelFacts(folder: string, key: string, { listing, types }: KernelFacts): void {
  const header = Buffer.alloc(HEADER_BYTES);
  const body = Buffer.concat([listing, types ?? new Uint8Array()]);
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(listing.length, 8);
  header.writeUInt32LE(types?.length ?? 0, 12);
  header.writeUInt32LE(crc32(body), 16);
  const draft = path.join(folder, `${key}.${randomBytes(6).toString('hex')}${DRAFT_ENDING}`);
  try {
    makeFolder(folder);
    fs.writeFileSync(draft, Buffer.concat([header, body]));
    fs.renameSync(draft, path.join(folder, key + ENDING));
    tidy(folder);
  } catch {
    remove(draft);
  }
}

/** Node's own `recursive` never ends below /proc, where a folder is missing and cannot be made. */
function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  if (path.dirname(folder) !== folder) makeFolder(path.dirname(folder));
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if (!fs.existsSync(folder)) throw error; // else another run was quicker
  }
}

function remove(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Its folder is none, or another run's user may write there and this one may not.
  }
}

/** Leaves the files last used, and no draft of a run that was killed. */
function tidy(folder: string): void {
  const files = fs
    .readdirSync(folder)
    .map((name) => ({
      name,
      time: fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .sort((a, b) => b.time - a.time);
  const old = files.filter(({ name }) => name.endsWith(ENDING)).slice(MAX_KEPT);
  const drafts = files.filter(
    ({ name, time }) => name.endsWith(DRAFT_ENDING) && time < Date.now() - DRAFT_MS,
  );
  for (const { name } of [...old, ...drafts]) remove(path.join(folder, name));
}
