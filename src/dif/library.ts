/**
 * What D's libraries define, written in D: information about the current CPU, process and thread as objects with members,
 * and names that only some systems have. One row each; the session compiles LIBRARY_TEXT before a program that uses a
 * name of it.
 *
 * An interrupt log knows no processes, so members that need one are left out of the translators: asking for them is an
 * error when the program is compiled, not a made-up value when it runs. Those of an open file all fault in getf(), before
 * anything is read of it.
 */
export interface LibraryDef {
  readonly type: string;
  readonly define: string; // D text
  readonly doc: string;
  readonly example: string;
}

const TYPES = `
typedef int lgrp_id_t; typedef int psetid_t; typedef int chipid_t;
typedef struct cpuinfo {
	processorid_t cpu_id; psetid_t cpu_pset; chipid_t cpu_chip; lgrp_id_t cpu_lgrp; void *cpu_info;
} cpuinfo_t;
typedef struct psinfo {
	int pr_nlwp; pid_t pr_pid; pid_t pr_ppid; pid_t pr_pgid; pid_t pr_sid;
	uid_t pr_uid; uid_t pr_euid; gid_t pr_gid; gid_t pr_egid; uintptr_t pr_addr;
	string pr_fname; string pr_psargs; uint_t pr_arg_count; uintptr_t pr_argv; uintptr_t pr_envp; char pr_dmodel;
} psinfo_t;
typedef struct lwpsinfo {
	int pr_flag; id_t pr_lwpid; uintptr_t pr_addr; uintptr_t pr_wchan; char pr_stype; char pr_state; char pr_sname;
	char pr_nice; short pr_syscall; int pr_pri; string pr_clname;
	processorid_t pr_onpro; processorid_t pr_bindpro; psetid_t pr_bindpset;
} lwpsinfo_t;
typedef struct fileinfo {
	string fi_name; string fi_dirname; string fi_pathname; long long fi_offset; string fi_fs; string fi_mount; int fi_oflags;
} fileinfo_t;
translator cpuinfo_t < int c > { cpu_id = c; cpu_pset = 0; cpu_chip = 0; cpu_lgrp = 0; };
translator psinfo_t < void *t > {
	pr_pid = pid; pr_ppid = ppid; pr_uid = uid; pr_euid = uid; pr_gid = gid; pr_egid = gid;
	pr_addr = (uintptr_t)t; pr_fname = execname; pr_psargs = execname;
};
translator lwpsinfo_t < void *t > { pr_lwpid = tid; pr_addr = (uintptr_t)t; pr_onpro = cpu; };
translator fileinfo_t < file_t *f > {
	fi_name = stringof((char *)f); fi_dirname = stringof((char *)f); fi_pathname = stringof((char *)f);
	fi_offset = *(long long *)f; fi_fs = stringof((char *)f); fi_mount = stringof((char *)f); fi_oflags = *(int *)f;
};
`;

export const LIBRARY: Readonly<Record<string, LibraryDef>> = {
  curcpu: {
    type: 'cpuinfo_t *',
    define: 'inline cpuinfo_t *curcpu = xlate < cpuinfo_t * > (cpu);',
    doc: 'the current virtual CPU: cpu_id cpu_pset cpu_chip cpu_lgrp',
    example: 'trace(curcpu->cpu_id)',
  },
  curpsinfo: {
    type: 'psinfo_t *',
    define: 'inline psinfo_t *curpsinfo = xlate < psinfo_t * > (curthread);',
    doc: 'the current process: pr_pid pr_ppid pr_uid pr_gid pr_fname pr_psargs …',
    example: 'trace(curpsinfo->pr_fname)',
  },
  curlwpsinfo: {
    type: 'lwpsinfo_t *',
    define: 'inline lwpsinfo_t *curlwpsinfo = xlate < lwpsinfo_t * > (curthread);',
    doc: 'the current thread: pr_lwpid pr_addr pr_onpro',
    example: 'trace(curlwpsinfo->pr_lwpid)',
  },
  execargs: {
    type: 'string',
    define: 'inline string execargs = "";',
    doc: 'arguments of the current process, joined with spaces; empty when unknown',
    example: 'trace(execargs)',
  },
  cwd: {
    type: 'string',
    define: 'inline string cwd = "";',
    doc: 'current directory of the process; empty when unknown',
    example: 'trace(cwd)',
  },
  root: {
    type: 'string',
    define: 'inline string root = "";',
    doc: 'root directory of the process; empty when unknown',
    example: 'trace(root)',
  },
  fds: {
    type: 'fileinfo_t',
    define: 'inline fileinfo_t fds[int fd] = xlate < fileinfo_t > (getf(fd));',
    doc: 'open files by descriptor: fi_name fi_pathname …; faults where the source does not know the kernel',
    example: 'trace(fds[0].fi_name)',
  },
  lgrp: {
    type: 'lgrp_id_t',
    define: 'inline lgrp_id_t lgrp = 0;',
    doc: 'locality group of the CPU: always 0',
    example: 'trace(lgrp)',
  },
  pset: {
    type: 'psetid_t',
    define: 'inline psetid_t pset = 0;',
    doc: 'processor set of the CPU: always 0',
    example: 'trace(pset)',
  },
  chip: {
    type: 'chipid_t',
    define: 'inline chipid_t chip = 0;',
    doc: 'chip of the CPU: always 0',
    example: 'trace(chip)',
  },
};

/** Words without which no program can use the library; looking for them keeps it out of most start-ups. */
export const LIBRARY_WORDS =
  /\b(?:cur(?:cpu|psinfo|lwpsinfo)|execargs|cwd|root|fds|lgrp|pset|chip|(?:cpu|ps|lwps|file)info(?:_t)?|(?:lgrp_|pset|chip)id?_t)\b/;

export const LIBRARY_TEXT = `${TYPES}${Object.values(LIBRARY)
  .map((row) => row.define)
  .join('\n')}\n`;
