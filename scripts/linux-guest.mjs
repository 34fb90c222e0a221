#!/usr/bin/env node
/**
 * The Linux guest of the live tests: Debian's kernel and an initramfs with busybox and our workload
 * (test/support/guest/workload.c). Made once and kept in ~/.cache/trapline/guest.
 *
 * Prints one line of JSON: { kernel, initramfs, workload } with paths, or { missing } with what to install.
 * As root on Debian, `--install` fetches what is missing with apt first; the kernel package is unpacked, not installed.
 * `--check` says in words what will be tested and what skipped; with CI set, that anything is missing is a failure.
 *
 * The guest runs `workload` with the words behind `work=` on its command line (commas for blanks; several such words run
 * side by side), then powers off.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { cpio } from './cpio.mjs';

const SOURCE = fileURLToPath(new URL('../test/support/guest/workload.c', import.meta.url));
const CACHE = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'trapline', 'guest');

/** Programs that live tests need, and the Debian package of each. */
const PROGRAMS = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-system-i386': 'qemu-system-x86',
  gcc: 'gcc',
  ld: 'binutils',
  xz: 'xz-utils',
};
const FILES = {
  '/usr/share/seabios/bios.bin': 'seabios',
  '/bin/busybox': 'busybox-static',
  '/usr/include/stdio.h': 'libc6-dev',
};

const INIT = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs dev /dev
echo "guest: begin"
for word in $(/bin/busybox cat /proc/cmdline); do
  case "$word" in
    work=*) /bin/workload $(echo "\${word#work=}" | /bin/busybox tr , ' ') & ;;
    shell=*) /bin/busybox sh -c "$(echo "\${word#shell=}" | /bin/busybox tr , ' ')" ;;
  esac
done
wait
echo "guest: end"
/bin/busybox poweroff -f
`;

function run(command, args, options) {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });
}

function onPath(program) {
  return (process.env.PATH ?? '').split(path.delimiter).some((dir) => fs.existsSync(path.join(dir, program)));
}

/** Debian packages that are not there yet. */
function missingPackages() {
  const programs = Object.entries(PROGRAMS).filter(([program]) => !onPath(program));
  const files = Object.entries(FILES).filter(([file]) => !fs.existsSync(file));
  return [...new Set([...programs, ...files].map(([, name]) => name))];
}

/** Also the lists of packages, which a bare machine has not and the kernel's is looked up in. */
function install(packages) {
  const hasAll = packages.length === 0 && keptKernel() !== undefined;
  if (hasAll || process.getuid?.() !== 0 || !onPath('apt-get')) return;
  process.stderr.write(`linux-guest: installing ${[...packages, 'a kernel for the guest'].join(', ')}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env });
  if (packages.length > 0)
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
}

function keptKernel() {
  if (!fs.existsSync(CACHE)) return undefined;
  const kept = fs.readdirSync(CACHE).find((name) => name.startsWith('vmlinuz-'));
  return kept && path.join(CACHE, kept);
}

/** The newest kernel that the distribution offers, unpacked: path of its boot image. */
function kernel() {
  const kept = keptKernel();
  if (kept) return kept;
  const depends = run('apt-cache', ['depends', 'linux-image-amd64']);
  const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (!name) throw new Error('the package linux-image-amd64 is not known to apt');
  const work = fs.mkdtempSync(path.join(CACHE, 'unpack-'));
  try {
    run('apt-get', ['download', '-qq', name], { cwd: work });
    const deb = fs.readdirSync(work).find((file) => file.endsWith('.deb'));
    run('sh', ['-c', `dpkg --fsys-tarfile '${deb}' | tar -x --wildcards './boot/vmlinuz-*'`], { cwd: work });
    const image = fs.readdirSync(path.join(work, 'boot'))[0];
    fs.renameSync(path.join(work, 'boot', image), path.join(CACHE, image));
    return path.join(CACHE, image);
  } finally {
    fs.rmSync(work, { recursive: true });
  }
}

/** Build what is newer than what is kept; several processes may do so at once, so files are renamed into place. */
function build(target, make, ...sources) {
  const made = fs.statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (sources.every((source) => fs.statSync(source).mtimeMs < made)) return target;
  const draft = `${target}.${process.pid}`;
  make(draft);
  fs.renameSync(draft, target);
  return target;
}

function workload(draft) {
  const flags = ['-O1', '-static', '-nostdlib', '-fno-stack-protector', '-fno-pie', '-no-pie'];
  run('gcc', [...flags, '-o', draft, SOURCE]);
}

function initramfs(draft, program) {
  const folder = (name) => ({ name, mode: 0o40755 });
  const file = (name, content) => ({ name, mode: 0o100755, content });
  const archive = cpio([
    ...['bin', 'dev', 'proc', 'sys', 'tmp'].map(folder),
    { name: 'dev/console', mode: 0o20600, device: [5, 1] },
    file('bin/busybox', fs.readFileSync('/bin/busybox')),
    file('bin/workload', fs.readFileSync(program)),
    file('init', Buffer.from(INIT)),
  ]);
  fs.writeFileSync(draft, gzipSync(archive, { level: 1 }));
}

function main() {
  if (process.argv.includes('--install')) install(missingPackages());
  const missing = missingPackages();
  if (missing.length > 0) return { missing: `apt-get install ${missing.join(' ')}` };
  fs.mkdirSync(CACHE, { recursive: true });
  const program = build(path.join(CACHE, 'workload'), workload, SOURCE);
  const script = fileURLToPath(import.meta.url);
  const archive = path.join(CACHE, 'initramfs.gz');
  return {
    kernel: kernel(),
    initramfs: build(archive, (draft) => initramfs(draft, program), program, script),
    workload: program,
  };
}

function guestOrReason() {
  try {
    return main();
  } catch (error) {
    const reason = String(error.stderr || error.message).trim();
    return { missing: `the guest could not be made: ${reason}` };
  }
}

const guest = guestOrReason();
if (!process.argv.includes('--check')) process.stdout.write(`${JSON.stringify(guest)}\n`);
else if (!guest.missing) console.log(`live tests: QEMU with ${path.basename(guest.kernel)}`);
else {
  const rule = process.env.CI ? 'and CI is set, so they must run' : 'so they are SKIPPED';
  console.error(`live tests: something is missing (${guest.missing}), ${rule}`);
  process.exitCode = process.env.CI ? 1 : 0;
}
