/** `-p` of a process that is no guest: $target is its pid, and tracing ends with it, even when nobody has waited for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { watchProcess } from '../../../src/cli/watched-process.ts';
import { trapline } from '../../support/cli.ts';

describe.concurrent('-p of an ordinary process', () => {
  test('is $target; exit() ends tracing and leaves the process alone', async () => {
    const program = 'BEGIN { printf("%d", $target); exit(3); }';
    const end = await trapline(['-p', `${process.pid}`, '-qn', program]);
    expect(end).toMatchObject({ status: 3, stdout: `${process.pid}\n`, stderr: '' });
  });

  test('tracing ends when it is gone', async ({ onTestFinished }) => {
    // The shell becomes a sleep that waits for none of its children: the first one stays a zombie.
    const shell = spawn('/bin/sh', ['-c', 'sleep 300 & echo $!; exec sleep 300']);
    onTestFinished(() => void shell.kill());
    const pid = Number(String((await once(shell.stdout, 'data'))[0]));
    const program = 'BEGIN { trace("here"); } END { trace("gone"); }';
    const end = await trapline(['-p', `${pid}`, '-n', program], {
      whileRunning: (child) => child.stdout?.once('data', () => process.kill(pid)),
    });
    expect(end.status).toBe(0);
    expect(end.stdout).toContain(':END   gone');
    expect(end.stderr).toContain(`trapline: pid ${pid} has exited\n`);
  });

  test('nobody is not watched', () => {
    expect(watchProcess(2 ** 30)).toBeUndefined();
  });

  test('a pid that nobody has is an error', async () => {
    const end = await trapline(['-p', `${2 ** 30}`, '-n', 'BEGIN']);
    expect(end).toMatchObject({ status: 1, stderr: `trapline: pid ${2 ** 30}: No such process\n` });
  });
});
