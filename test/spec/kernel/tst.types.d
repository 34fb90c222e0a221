/*
 * ASSERTION: with a kernel's BTF its structs need no declaration: sizes, offsets and members are the kernel's
 * SECTION: 3.4
 * ARGS: --symbols examples/symbols/linux-6.1.0-56-amd64.btf.gz
 */

#pragma D option quiet

BEGIN
{
	printf("%d %d\n", sizeof (struct task_struct), offsetof(struct task_struct, comm));
	printf("%d %d\n", sizeof (curthread->comm), sizeof (((struct file *)0)->f_path.dentry->d_iname));
	printf("%d %d\n", sizeof (gfp_t), sizeof (struct vmlinux`list_head));
	exit(0);
}
