/*
 * ASSERTION: types alone do not tell where a variable is
 * SECTION: 11
 * ARGS: --symbols examples/symbols/linux-6.1.0-56-amd64.btf.gz
 */

BEGIN { trace(`current_task); }
