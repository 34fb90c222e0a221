/** The two ways to say "this cannot happen". Both throw; only the command line catches, and prints a bug. */

/** A mistake of ours, never the user's. `stage` names the room that noticed. */
export class Bug extends Error {
  readonly stage: string;
  constructor(stage: string, message: string) {
    super(`${stage}: ${message}`);
    this.name = 'Bug';
    this.stage = stage;
  }
}

export function bug(stage: string, message: string): never {
  throw new Bug(stage, message);
}

/** Ends a `switch` over a discriminated union: a new kind without a case does not compile. */
export function assertNever(value: never, stage = 'switch'): never {
  throw new Bug(stage, `unexpected ${JSON.stringify(value)}`);
}
