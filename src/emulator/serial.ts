/** A 16550 that is always ready to send: what the guest prints. Nothing comes in, and it raises no interrupts. */
export class Serial {
  private readonly output: (byte: number) => void;
  private readonly registers = new Uint8Array(8);

  constructor(output: (byte: number) => void) {
    this.output = output;
  }

  private get setsDivisor(): boolean {
    return (this.registers[3]! & 0x80) !== 0;
  }

  read(register: number): number {
    switch (register) {
      case 0:
        return 0;
      case 2:
        return 0xc1; // no interrupt; queues are on
      case 5:
        return 0x60; // transmitter empty
      case 6:
        return 0xb0; // somebody listens
      default:
        return this.registers[register]!;
    }
  }

  write(register: number, value: number): void {
    if (register === 0 && !this.setsDivisor) this.output(value);
    else this.registers[register] = value;
  }
}
