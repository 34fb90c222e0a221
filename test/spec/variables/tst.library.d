/*
 * ASSERTION: the current CPU, process and thread have members
 * SECTION: 4
 */

#pragma D option quiet
BEGIN
{
	printf("%d %d %d %d\n", curcpu->cpu_id, curcpu->cpu_pset, curcpu->cpu_chip, curcpu->cpu_lgrp);
	printf("%s %d %d\n", curpsinfo->pr_fname, curpsinfo->pr_pid == $pid, curpsinfo->pr_ppid == $ppid);
	printf("%d %d\n", curlwpsinfo->pr_lwpid, curlwpsinfo->pr_onpro);
	printf("[%s] [%s] [%s] %d %d %d\n", cwd, root, execargs, lgrp, pset, chip);
	exit(0);
}
