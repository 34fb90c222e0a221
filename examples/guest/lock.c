/* Spinlocks. They keep interrupts off while held, so that an interrupt handler may take the same lock. */
#include "kernel.h"

TRACEABLE u64 lock(struct spinlock *spinlock)
{
	u64 flags = read_flags();

	interrupts_off();
	while (__atomic_exchange_n(&spinlock->held, 1, __ATOMIC_ACQUIRE))
		while (spinlock->held)
			relax();
	return flags;
}

TRACEABLE void unlock(struct spinlock *spinlock, u64 flags)
{
	__atomic_store_n(&spinlock->held, 0, __ATOMIC_RELEASE);
	if (flags & FLAG_INTERRUPTS)
		interrupts_on();
}
