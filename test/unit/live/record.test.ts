/** What may be recorded, and when a recording may be replayed: commands, folders and files as users leave them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { executionSwitch, whyNotRecordable } from '../../../src/live/record.ts';
import {
  hashedFiles,
  isRecording,
  readRecording,
  readTimes,
  recordedFacts,
  whyNotReplayable,
  writeRecording,
} from '../../../src/live/recording.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-record-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Command → what is refused about it; an empty text: nothing. */
const COMMANDS: readonly (readonly [command: string, refused: string])[] = [
  ['qemu-system-x86_64 -kernel k', ''],
  ['/opt/qemu-system-i386 -kernel k -append -hda', ''],
  ['qemu-system-x86_64 -nic none -net none', ''],
  ['qemu-system-x86_64 -icount shift=5', ''],
  ['qemu-system-x86_64 -icount 5', ''],
  ['qemu-system-x86_64 -accel tcg -smp 1', ''],
  ['qemu-system-x86_64 -drive file=a,if=none,id=a -drive driver=blkreplay,if=none,image=a,id=b', ''],
  ['ls -l', 'no QEMU'],
  ['qemu-system-x86_64 -enable-kvm', 'kvm'],
  ['qemu-system-x86_64 -smp cores=2', 'several CPUs'],
  ['qemu-system-x86_64 --daemonize', '-daemonize'],
  ['qemu-system-x86_64 --hda disk', '-hda'],
  ['qemu-system-x86_64 -cdrom disk', '-cdrom'],
  ['qemu-system-x86_64 -drive file=a', '-drive'],
  ['qemu-system-x86_64 -nic user', '-nic'],
  ['qemu-system-x86_64 -netdev user,id=n', '-netdev'],
  ['qemu-system-x86_64 -icount auto', 'shift'],
  ['qemu-system-x86_64 -icount shift=auto', 'shift'],
  ['qemu-system-x86_64 -icount shift=1,rr=record', 'rr'],
  ['qemu-system-x86_64 -D log', '-D'],
  ['qemu-system-x86_64 -dfilter 0+1', '-dfilter'],
  ['qemu-system-x86_64 -loadvm state', '-loadvm'],
];

test.each(COMMANDS)('%s', (command, refused) => {
  const reason = whyNotRecordable(command.split(' '))?.[0] ?? '';
  if (refused === '') expect(reason).toBe('');
  else expect(reason).toContain(refused);
});

test('QEMU takes two commas for one in the name of a file', () => {
  expect(executionSwitch('replay', '/a,b', 3)).toEqual([
    '-icount',
    'shift=3,rr=replay,rrfile=/a,,b/execution',
  ]);
});

/** A QEMU that is a script, a kernel that is a text, and a recording of them. */
function makeRecording(): void {
  const program = join(folder, 'qemu-system-x86_64');
  writeFileSync(program, '#!/bin/sh\necho QEMU emulator version 1.2.3\n', { mode: 0o755 });
  writeFileSync(join(folder, 'kernel'), 'a kernel');
  const command = [program, '-kernel', './kernel'];
  const files = hashedFiles(command, folder);
  if (typeof files === 'string') throw new Error(files);
  const more = { folder, shift: 3, date: '2026-01-02T03:04:05.000Z', records: 2 };
  writeRecording(
    folder,
    { qemu: 'QEMU emulator version 1.2.3', command, files, ...more },
    Float64Array.of(1, 2.5),
  );
  writeFileSync(join(folder, 'execution'), 'x');
}

function refusal(): string {
  const recording = readRecording(folder);
  if (typeof recording === 'string') return recording;
  return whyNotReplayable(folder, recording, { PATH: process.env['PATH'] })?.[0] ?? '';
}

describe('a recording', () => {
  test('is read as it was written', () => {
    expect(isRecording(folder)).toBe(false);
    makeRecording();
    expect(isRecording(folder)).toBe(true);
    expect(refusal()).toBe('');
    expect(readTimes(folder)).toEqual(Float64Array.of(1, 2.5));
    const recording = readRecording(folder);
    expect(typeof recording !== 'string' && recordedFacts(recording).kernel).toBe(join(folder, 'kernel'));
  });

  test('is refused when its kernel, its QEMU or its execution is another or gone', () => {
    makeRecording();
    writeFileSync(join(folder, 'kernel'), 'A kernel');
    expect(refusal()).toBe('./kernel is not what it was when the execution was recorded');
    rmSync(join(folder, 'kernel'));
    expect(refusal()).toContain('./kernel cannot be read any more');
    makeRecording();
    rmSync(join(folder, 'execution'));
    expect(refusal()).toContain('execution is missing');
    writeFileSync(join(folder, 'qemu-system-x86_64'), '#!/bin/sh\necho QEMU emulator version 1.2.4\n');
    expect(refusal()).toMatch(
      /recorded with QEMU emulator version 1\.2\.3, and .* is QEMU emulator version 1\.2\.4/,
    );
    rmSync(join(folder, 'qemu-system-x86_64'));
    expect(refusal()).toContain('does not run');
  });

  test.each([
    ['no JSON', '{', 'damaged'],
    ['another JSON', '[]', 'not of a recording'],
    ['another version', '{"trapline": 2}', 'another version'],
    ['parts missing', '{"trapline": 1, "command": []}', 'damaged'],
  ])('%s is refused', (_, text, reason) => {
    writeFileSync(join(folder, 'recording.json'), text);
    expect(refusal()).toContain(reason);
  });

  test('a folder in the place of its description is refused in the words of the system', () => {
    mkdirSync(join(folder, 'recording.json'));
    expect(refusal()).toContain('directory');
  });
});
