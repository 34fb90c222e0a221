/*
 * ASSERTION: what needs the kernel faults with that reason, and the program goes on
 * SECTION: 5
 */

#pragma D option quiet
BEGIN { trace(mutex_owned((kmutex_t *)8)); }
BEGIN { trace(mutex_owner((kmutex_t *)8)); }
BEGIN { trace(mutex_type_adaptive((kmutex_t *)8)); }
BEGIN { trace(mutex_type_spin((kmutex_t *)8)); }
BEGIN { trace(rw_read_held((krwlock_t *)8)); }
BEGIN { trace(rw_write_held((krwlock_t *)8)); }
BEGIN { trace(rw_iswriter((krwlock_t *)8)); }
BEGIN { trace(msgdsize((mblk_t *)8)); }
BEGIN { trace(msgsize((mblk_t *)8)); }
BEGIN { trace(ddi_pathname((void *)8, 0)); }
BEGIN { trace(getf(0)); }
BEGIN { trace(d_path((struct path *)8)); }
BEGIN { exit(0); }
