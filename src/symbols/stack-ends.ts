/**
 * Why a stack was not followed further. A mark stands in the place of the next frame: an address that no x86-64 program can
 * have (it is not canonical), so that it needs no room of its own in records and keys.
 */
const MARK_BASE = 0x8000_0000_0000_0000n;

export const STACK_ENDS = {
  noFrame: { mark: MARK_BASE + 1n, text: 'callers are not known: no frame pointer' },
  noChain: { mark: MARK_BASE + 2n, text: 'callers are not known: the frame pointer leads nowhere' },
  unreadable: { mark: MARK_BASE + 3n, text: 'callers are not known: the stack cannot be read' },
  noOrc: { mark: MARK_BASE + 4n, text: 'callers are not known: no ORC entry' },
  lost: { mark: MARK_BASE + 5n, text: 'callers are not known: ORC needs a register that was not kept' },
} as const satisfies Record<string, { readonly mark: bigint; readonly text: string }>;

export type StackEnd = keyof typeof STACK_ENDS;

const BY_MARK: ReadonlyMap<bigint, string> = new Map(
  Object.values(STACK_ENDS).map(({ mark, text }) => [mark, text]),
);

/** What a mark says; undefined for addresses. */
export function stackEndText(address: bigint): string | undefined {
  return BY_MARK.get(address);
}
