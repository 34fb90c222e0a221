#!/usr/bin/env node
/**
 * Writes src/providers/syscalls/linux.ts: the numbers and names of Linux' system calls on x86-64, i386, and the 64-bit
 * architectures that share one table (arm64, riscv64), from the headers of Debian's linux-libc-dev. Run it again when a kernel has more; names never change their numbers.
 */
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const HEADERS = '/usr/include/x86_64-linux-gnu/asm';
const OUT = fileURLToPath(new URL('../src/providers/syscalls/linux.ts', import.meta.url));
const LINE_CHARS = 112;

function rowsOf(header) {
  const text = fs.readFileSync(`${HEADERS}/${header}`, 'utf8');
  return [...text.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name, number]) => [Number(number), name]);
}

/** The shared table has names of both widths, and numbers that only 32-bit kernels have. */
function genericRows() {
  const text = fs.readFileSync('/usr/include/asm-generic/unistd.h', 'utf8');
  const rows = new Map();
  for (const [, name, number] of text.matchAll(/^#define __NR(?:3264)?_(\w+)\s+(\d+)$/gm)) {
    if (/^(syscalls|arch_specific_syscall)$/.test(name) || /time64$|^clock_\w+64$/.test(name)) continue;
    rows.set(Number(number), name === 'fstatat' ? 'newfstatat' : name);
  }
  return [...rows];
}

/** Runs of consecutive numbers: `0 read write …`. */
function runs(rows) {
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
${runs(rowsOf('unistd_64.h'))}
\`;

export const LINUX32_NAMES = \`
${runs(rowsOf('unistd_32.h'))}
\`;

export const LINUX_GENERIC_NAMES = \`
${runs(genericRows())}
\`;
`,
);
