/*
 * A program that touches pages nobody gave it: the kernel gives them on demand, and takes them back when the window is full.
 *
 * `touches` page faults come from this program's own instructions, `peeks` from the kernel that reads on its behalf.
 */
#include "user.h"

__attribute__((noreturn)) void pages_start(u64 touches, u64 peeks)
{
	u64 right = 0, used = 0;

	for (u64 i = 0; i < touches + peeks; i++) {
		volatile u64 *page = (volatile u64 *)(WINDOW + used * PAGE_BYTES);

		if (i < touches) {
			*page = i;
			right += *page == i;
		} else {
			right += call(SYS_peek, (u64)page, 0) == 0; /* a new page is clear */
		}
		if (++used == WINDOW_PAGES) {
			right += call(SYS_discard, 0, 0) == WINDOW_PAGES;
			used = 0;
		}
	}
	say("guest: program pages, pid ", right);
	leave();
}
