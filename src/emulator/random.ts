/** The schedule's random numbers: xorshift, the same for the same seed on every host. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (Math.imul(seed, 0x9e3779b1) ^ 0x6d2b79f5) | 0;
    if (this.state === 0) this.state = 1;
  }

  /** 0 … limit − 1. */
  below(limit: number): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return (x >>> 0) % limit;
  }
}
