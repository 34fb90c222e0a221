/*
 * Pages, and address spaces made of them: the upper half is the kernel's in all of them, the lower half one program's.
 *
 * Pages come from a fixed pool in the image's .pool, so their number does not depend on the machine.
 */
#include "kernel.h"

#define POOL_PAGES 1024ul
#define ADDRESS_MASK 0x000ffffffffff000ul

static u8 pool[POOL_PAGES][PAGE_BYTES] __attribute__((section(".pool"), aligned(4096)));
static struct spinlock pool_lock;
static u64 pool_used;  /* pages of the pool that were given out at least once */
static u64 first_free; /* pages given back, a list through their first words; physical, 0 ends it */

TRACEABLE u64 new_page(void)
{
	u64 flags = lock(&pool_lock);
	u64 page = first_free;

	if (page)
		first_free = *(u64 *)virtual(page);
	else if (pool_used < POOL_PAGES)
		page = physical(pool[pool_used++]);
	unlock(&pool_lock, flags);
	if (!page) {
		print("guest: panic: out of pages\n");
		power_off();
	}
	u64 *words = virtual(page);
	for (u64 i = 0; i < PAGE_BYTES / sizeof *words; i++)
		words[i] = 0;
	return page;
}

TRACEABLE void free_page(u64 page)
{
	u64 flags = lock(&pool_lock);

	*(u64 *)virtual(page) = first_free;
	first_free = page;
	unlock(&pool_lock, flags);
}

TRACEABLE u64 new_address_space(void)
{
	u64 cr3 = new_page();
	u64 *top = virtual(cr3);

	top[511] = boot_pml4[511];
	return cr3;
}

/* The entry of the last level for an address. Tables on the way are made, or 0 is the answer where one is missing. */
static u64 *entry_for(u64 cr3, u64 address, int make)
{
	u64 *table = virtual(cr3);

	for (int shift = 39; shift > 12; shift -= 9) {
		u64 *entry = &table[(address >> shift) & 511];

		if (!(*entry & PAGE_PRESENT) && !make)
			return 0;
		if (!(*entry & PAGE_PRESENT))
			*entry = new_page() | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;
		table = virtual(*entry & ADDRESS_MASK);
	}
	return &table[(address >> 12) & 511];
}

TRACEABLE void map(u64 cr3, u64 address, u64 page, u64 flags)
{
	*entry_for(cr3, address, 1) = page | flags | PAGE_PRESENT;
}

TRACEABLE u64 unmap(u64 cr3, u64 address)
{
	u64 *entry = entry_for(cr3, address, 0);
	u64 page = entry && *entry & PAGE_PRESENT ? *entry & ADDRESS_MASK : 0;

	if (!page)
		return 0;
	*entry = 0;
	/* An address space is only ever used on one CPU, so no other needs to be told. */
	asm volatile("invlpg (%0)" : : "r"(address) : "memory");
	return page;
}

int is_mapped(u64 cr3, u64 address, u64 size)
{
	if (address >= USER_END || size > USER_END - address)
		return 0;
	for (u64 page = address & -PAGE_BYTES; page < address + size; page += PAGE_BYTES) {
		u64 *entry = entry_for(cr3, page, 0);

		if (!entry || !(*entry & PAGE_PRESENT))
			return 0;
	}
	return 1;
}
