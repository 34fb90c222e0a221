/**
 * The firing of dtrace:::ERROR inside the one that faulted, whose arguments, clause-locals and token come back afterwards.
 *
 * In: which ECB's action faulted, and the machine's fault state. Out: ERROR's arguments (d-language.md: EPID, action,
 * offset in its DIF, fault, and its value); `restore` puts back what `save` has kept.
 */
import { FAULTS } from '../dif/faults.ts';
import { FIRING } from './firing.ts';
import { type MachineState, NO_FAULT, type TokenState } from './machine-state.ts';
import type { VariableStorage } from './variables.ts';

export class ErrorFiring {
  private readonly m: MachineState;
  private readonly storage: VariableStorage;
  private readonly ownToken: TokenState;
  private token: TokenState;
  private savedAt = 0;

  constructor(m: MachineState, storage: VariableStorage) {
    this.m = m;
    this.storage = storage;
    this.ownToken = m.newTokenState();
    this.token = m.token;
  }

  /** Once the storage of variables has its size. */
  reserve(): void {
    this.savedAt = this.m.memory.reserve(FIRING.bytes + this.storage.localsBytes);
  }

  save(): void {
    const { m, savedAt } = this;
    const { u8 } = m.memory;
    const { localsAt, localsBytes } = this.storage;
    u8.copyWithin(savedAt, m.firing.at, m.firing.at + FIRING.bytes);
    u8.copyWithin(savedAt + FIRING.bytes, localsAt, localsAt + localsBytes);
    this.token = m.token;
    m.token = this.ownToken;
  }

  setArguments(epid: number, action: number): void {
    const { firing, memory, faultCode, faultOffset, faultValueAt } = this.m;
    const value = memory.i64[faultValueAt >>> 3]!;
    firing.clearArgs();
    memory.i32[(firing.at + FIRING.missing) >>> 2] = 0; // ERROR carries all of its own
    firing.setArg(1, BigInt(epid));
    firing.setArg(2, BigInt(action));
    firing.setArg(3, BigInt(faultOffset));
    firing.setArg(4, BigInt(faultCode === NO_FAULT ? 0 : faultCode));
    // Values of trapline's own faults are numbers for its messages.
    firing.setArg(5, faultCode < FAULTS.NOVALUE.code ? value : 0n);
  }

  /** In the firing that faulted, which has been started again; ERROR's clauses may have grown the memory. */
  restore(): void {
    const { m, savedAt } = this;
    const { u8 } = m.memory;
    const { localsAt, localsBytes } = this.storage;
    const savedLocals = savedAt + FIRING.bytes;
    m.token = this.token;
    u8.copyWithin(m.firing.at, savedAt, savedLocals);
    u8.copyWithin(localsAt, savedLocals, savedLocals + localsBytes);
  }
}
