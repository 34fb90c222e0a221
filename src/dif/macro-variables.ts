/**
 * Macro variables: `$name` is replaced by an integer, `$$name` by the same as a string, before the program is parsed.
 * Their values are those of the process that runs trapline; the session is handed them.
 */
export interface MacroVariableDef {
  readonly doc: string;
  readonly example: string;
}

export const MACRO_VARIABLES = {
  pid: { doc: "trapline's process id", example: 'BEGIN { trace($pid); }' },
  ppid: { doc: "id of trapline's parent process", example: 'BEGIN { trace($ppid); }' },
  pgid: { doc: "trapline's process group", example: 'BEGIN { trace($pgid); }' },
  sid: { doc: "trapline's session id", example: 'BEGIN { trace($sid); }' },
  uid: { doc: 'real user id of trapline', example: 'BEGIN { trace($uid); }' },
  euid: { doc: 'effective user id of trapline', example: 'BEGIN { trace($euid); }' },
  gid: { doc: 'real group id of trapline', example: 'BEGIN { trace($gid); }' },
  egid: { doc: 'effective group id of trapline', example: 'BEGIN { trace($egid); }' },
  projid: { doc: 'project id, which Linux does not have: 0', example: 'BEGIN { trace($projid); }' },
  taskid: { doc: 'task id, which Linux does not have: 0', example: 'BEGIN { trace($taskid); }' },
  target: { doc: 'process id of the command of -c; 0 without one', example: 'BEGIN { trace($target); }' },
} as const satisfies Record<string, MacroVariableDef>;

export type MacroVariableName = keyof typeof MACRO_VARIABLES;
