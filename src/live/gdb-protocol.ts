/**
 * What the tracer and its gdb thread say to each other (gdb-thread.ts, gdb-worker.ts).
 *
 * Requests and answers are messages with a number. Two requests are also made by a caller that cannot wait for a message,
 * because it is in the middle of a firing or of the end of the process: their answers come through shared memory.
 *
 *   int32 [0] SEQUENCE  number of the request answered last; the waiter sleeps on it
 *   int32 [1] LENGTH    bytes of the answer; -1 - n: a reason of n bytes why there is none
 *   int32 [2] GONE      1 once a request failed because the guest has ended, or the connection to it
 *   byte 12 …           the answer
 */
import type { TargetDescription } from '../gdb/target-description.ts';

/** First word of a gdb thread's arguments. No command line can hold it. */
export const GDB_THREAD = '\0gdb-thread';

export const SEQUENCE = 0;
export const LENGTH = 1;
export const GONE = 2;
export const ANSWER_AT = 12;
/** The most that one synchronous read brings. */
export const MAX_ANSWER_BYTES = 64 * 1024;
export const SHARED_BYTES = ANSWER_AT + MAX_ANSWER_BYTES;

export interface GdbFacts {
  readonly description: TargetDescription;
  readonly cpus: readonly number[];
  /** The guest ran before we came; connecting stopped it. */
  readonly wasRunning: boolean;
  readonly name: string; // the address, for messages
}

/** Why the guest does not run any more. */
export type GuestStop =
  | { readonly kind: 'breakpoint'; readonly cpu: number; readonly registers: Uint8Array } // of a g packet
  | { readonly kind: 'paused' } // by somebody else, who will resume it
  | { readonly kind: 'exited' }
  | { readonly kind: 'lost'; readonly reason: string };

export type GdbRequest =
  | {
      readonly op: 'connect';
      readonly address: string;
      readonly timeoutMs: number;
      readonly startupMs: number;
    }
  | { readonly op: 'breakpoints'; readonly addresses: readonly bigint[] }
  | { readonly op: 'registers'; readonly cpu: number }
  | { readonly op: 'hmp'; readonly command: string }
  /** Step this CPU off its breakpoint, if one is named; then let all of them run. */
  | { readonly op: 'run'; readonly step: number | undefined }
  /** Somebody else will let it run. */
  | { readonly op: 'watch' }
  /** Let the guest run on, if only a read has stopped it. */
  | { readonly op: 'release' }
  | { readonly op: 'read'; readonly cpu: number; readonly address: bigint; readonly size: number }
  | { readonly op: 'physical'; readonly address: bigint; readonly size: number }
  /** Take our breakpoints away and part; the guest runs or stays stopped. */
  | { readonly op: 'part'; readonly leave: 'running' | 'stopped' }
  /** End the connection as it is. */
  | { readonly op: 'close' };

export interface GdbCall {
  readonly id: number;
  readonly shared: boolean; // the answer goes to shared memory
  readonly request: GdbRequest;
}

export type GdbMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly reason: string }
  | { readonly kind: 'stop'; readonly stop: GuestStop };
