/**
 * The plugin, compiled: by the user's own C compiler on first use, kept in the cache under a name that its source decides.
 *
 * In: the environment (CC, PATH, XDG_CACHE_HOME). Out: the path of the shared object, or a sentence that says why there is
 * none. Several processes may build at once, so the file is renamed into place whole.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemReason } from '../../base/system-reason.ts';
import { PLUGIN_SOURCE } from './source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface BuiltPlugin {
  readonly path: string;
}

const FLAGS = ['-shared', '-fPIC', '-O2', '-std=gnu11', '-fvisibility=hidden', '-pthread', '-Wall'];
/** It takes 0.2 s; a machine under load may need more. */
const COMPILE_MS = 60_000;
const PROBE_MS = 10_000;

export function buildPlugin(env: Environment): BuiltPlugin | string {
  const hash = createHash('sha256').update(FLAGS.join(' ')).update(PLUGIN_SOURCE).digest('hex').slice(0, 16);
  const folder = path.join(
    env['XDG_CACHE_HOME'] || path.join(env['HOME'] || os.homedir(), '.cache'),
    'trapline',
  );
  const file = path.join(folder, `plugin-${hash}.so`);
  if (fs.existsSync(file)) return { path: file };
  try {
    fs.mkdirSync(folder, { recursive: true });
    return compile(file, env);
  } catch (error) {
    return `${folder} cannot be written: ${systemReason(error)}`;
  }
}

function compile(file: string, env: Environment): BuiltPlugin | string {
  const compiler = env['CC'] || 'cc';
  const draft = fs.mkdtempSync(`${file}.`);
  try {
    const source = path.join(draft, 'plugin.c');
    const object = path.join(draft, 'plugin.so');
    fs.writeFileSync(source, PLUGIN_SOURCE);
    const { status, error, stderr } = spawnSync(compiler, [...FLAGS, '-o', object, source], {
      env,
      encoding: 'utf8',
      timeout: COMPILE_MS,
    });
    if (error && (error as NodeJS.ErrnoException).code === 'ENOENT')
      return `there is no C compiler (${compiler}) to build it with`;
    if (status !== 0)
      return `${compiler} does not compile it: ${firstError(stderr) ?? error?.message ?? `status ${status}`}`;
    fs.renameSync(object, file);
    return { path: file };
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

/** A compiler says much; the first error is what a user needs. */
function firstError(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const line = lines.find((candidate) => /\berror\b/i.test(candidate)) ?? lines[0];
  return line?.replace(/^.*?plugin\.c:/, 'line ');
}

/** Whether this QEMU takes plugins. It is asked for one that does not exist: a build without them says so before it looks. */
export function takesPlugins(program: string, env: Environment): boolean {
  const { stderr, error } = spawnSync(
    program,
    ['-M', 'none', '-display', 'none', '-plugin', '/nonexistent/plugin.so'],
    {
      env,
      encoding: 'utf8',
      timeout: PROBE_MS,
    },
  );
  return !error && /could not load plugin/i.test(stderr);
}
