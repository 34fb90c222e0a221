#!/usr/bin/env node
/**
 * Builds the kernel of examples/guest: C and assembly → examples/guest/kernel.elf, or the file given as argument.
 *
 * The same compiler makes the same bytes wherever the tree lies and whenever it runs: no paths, times or identities get into
 * the image. Prints one line of JSON: { file, bytes, compiler, linker }.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../examples/guest', import.meta.url));

const KERNEL_FILES = [
  'boot.S',
  'entry.S',
  'main.c',
  'options.c',
  'cpu.c',
  'traps.c',
  'memory.c',
  'process.c',
  'lock.c',
  'console.c',
];
const USER_FILES = ['user/calc.c', 'user/legacy.c', 'user/pages.c'];

/** General registers only: the kernel does not save others. No red zone: interrupts use the stack below. */
const FLAGS = [
  ...['-std=gnu11', '-O1', '-g0', '-Wall', '-Wextra', '-Werror', '-ffreestanding', '-nostdinc'],
  ...['-m64', '-mgeneral-regs-only', '-mno-mmx', '-mno-sse', '-mno-red-zone', '-fcf-protection=none'],
  ...['-fno-omit-frame-pointer', '-fno-stack-protector', '-fno-pic', '-fno-pie', '-fno-ident'],
  ...['-fno-asynchronous-unwind-tables', '-fno-tree-loop-distribute-patterns', '-fno-common'],
];
const LINK = [
  ...['-nostdlib', '-static', '-no-pie', '-T', 'kernel.ld'],
  ...['--build-id=none', '-z,max-page-size=4096', '-z,noexecstack', '--no-warn-rwx-segments'].map(
    (flag) => `-Wl,${flag}`,
  ),
];

const run = (command, args) =>
  execFileSync(command, args, { cwd: SOURCE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

function compile(file, folder) {
  const isUser = file.startsWith('user/');
  const object = path.join(folder, `${isUser ? 'user-' : ''}${path.basename(file).replace(/\.\w$/, '')}.o`);
  const model = isUser ? '-mcmodel=small' : '-mcmodel=kernel';
  run('gcc', [...FLAGS, model, `-ffile-prefix-map=${SOURCE}=.`, '-c', file, '-o', object]);
  return object;
}

function build(target) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'trapline-guest-'));
  try {
    const objects = [...KERNEL_FILES, ...USER_FILES].map((file) => compile(file, folder));
    const image = path.join(folder, 'kernel.elf');
    run('gcc', [...LINK, ...objects, '-o', image]);
    fs.copyFileSync(image, target);
    fs.chmodSync(target, 0o644);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const file = path.resolve(process.argv[2] ?? path.join(SOURCE, 'kernel.elf'));
build(file);
const firstLine = (command) => run(command, ['--version']).split('\n')[0];
console.log(
  JSON.stringify({
    file,
    bytes: fs.statSync(file).size,
    compiler: firstLine('gcc'),
    linker: firstLine('ld'),
  }),
);
