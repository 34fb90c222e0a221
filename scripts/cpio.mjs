/**
 * A newc cpio archive, the form in which Linux takes an initramfs (Documentation/driver-api/early-userspace/
 * buffer-format.rst): per entry a header of hexadecimal fields, the name and the content, each padded to four bytes.
 */

/** entries: { name, mode, content?, device?: [major, minor] }, mode with its type bits. Returns the archive. */
export function cpio(entries) {
  const all = [...entries, { name: 'TRAILER!!!', mode: 0 }];
  return Buffer.concat(all.flatMap((entry, index) => entryBytes(entry, index + 1)));
}

function entryBytes({ name, mode, content = Buffer.alloc(0), device = [0, 0] }, inode) {
  const text = Buffer.from(`${name}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, ...device, text.length, 0];
  const head = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return [padded(Buffer.concat([head, text])), padded(content)];
}

function padded(bytes) {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
