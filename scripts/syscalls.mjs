#!/usr/bin/env node
/**
 * Writes src/providers/syscalls/linux.ts: the numbers and names of Linux' system calls on x86-64 and i386, from the
 * headers of Debian's linux-libc-dev. Run it again when a kernel has more; names never change their numbers.
 */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const HEADERS = '/usr/include/x86_64-linux-gnu/asm';
const OUT = fileURLToPath(new URL('../src/providers/syscalls/linux.ts', import.meta.url));
const LINE_CHARS = 112;

/** Runs of consecutive numbers: `0 read write …`. */
function runs(header) {
  const text = fs.readFileSync(`${HEADERS}/${header}`, 'utf8');
  const rows = [...text.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name, number]) => [
    Number(number),
    name,
  ]);
  rows.sort(([a], [b]) => a - b);
  const lines = [];
  let next = -1;
  for (const [number, name] of rows) {
    const last = lines.at(-1);
    if (number === next && last.length + name.length < LINE_CHARS)
      lines[lines.length - 1] = `${last} ${name}`;
    else lines.push(`${number} ${name}`);
    next = number + 1;
  }
  return lines.join('\n');
}

fs.writeFileSync(
  OUT,
  `// Made by scripts/syscalls.mjs from Debian's linux-libc-dev; do not edit.
/** Names of Linux' system calls. A line is a number and the names that have it and the numbers after it. */
export const LINUX64_NAMES = \`
${runs('unistd_64.h')}
\`;

export const LINUX32_NAMES = \`
${runs('unistd_32.h')}
\`;
`,
);
