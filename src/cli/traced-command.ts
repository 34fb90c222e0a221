/**
 * `-c COMMAND`: a process that exists before the program is compiled, so that $target is its pid, and that runs the
 * command only once BEGIN has fired.
 *
 * In: the words of the command, and the changes to its environment. Out: its pid,
 * the moment it may run, and how it ended. A shell waits at a gate, a pipe of ours, and becomes the command when a line
 * comes through; when the tracer dies first the pipe closes, and the command never runs.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { systemReason } from '../base/system-reason.ts';
import type { CommandEnd, EnvironmentChanges, TracedCommand } from '../session/request.ts';

const GATE = 3; // the shell's descriptor
const WAIT_AT_GATE = `read -r _ <&${GATE} && exec "$@" ${GATE}<&-`;

/** The waiting process, or why the command cannot run. */
export function prepareCommand(
  words: readonly string[],
  changes: EnvironmentChanges,
): TracedCommand | string {
  const env = changedEnvironment(process.env, changes);
  const reason = whyNotExecutable(words[0] ?? '', env['PATH'] ?? '');
  if (reason !== undefined) return reason;
  const child = spawn('/bin/sh', ['-c', WAIT_AT_GATE, 'sh', ...words], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env,
  });
  const ended = new Promise<CommandEnd>((resolve) => {
    child.on('error', () => resolve({ status: null, signal: null }));
    child.on('exit', (status, signal) => resolve({ status, signal }));
  });
  const gate = child.stdio[GATE];
  gate?.on('error', () => {}); // a command that is gone does not want its line
  return {
    pid: child.pid ?? 0,
    go: () => {
      if (gate && 'end' in gate) gate.end('\n');
    },
    kill: () => child.kill('SIGKILL'),
    ended,
  };
}

/** The environment that -x setenv and unsetenv make of ours. */
export function changedEnvironment(
  env: NodeJS.ProcessEnv,
  { set, unset }: EnvironmentChanges,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !unset.includes(name));
  const added = set.map((text): [string, string] => {
    const [name = '', ...value] = text.split('=');
    return [name, value.join('=')];
  });
  return Object.fromEntries([...kept, ...added]);
}

/** In the operating system's words; the search path is tried as the shell will. */
function whyNotExecutable(file: string, searchPath: string): string | undefined {
  const paths = file.includes('/')
    ? [file]
    : searchPath.split(':').map((directory) => `${directory || '.'}/${file}`);
  let reason = 'No such file or directory';
  for (const path of file === '' ? [] : paths) {
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return undefined;
      reason = 'Permission denied';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') reason = systemReason(error);
    }
  }
  return reason;
}
