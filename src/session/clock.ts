/**
 * Which clock a run has (providers/clock.ts): what `-x clock=` asks for, where the source can give it, else the best that the
 * source has. A guess is said aloud, and so is a clock that found nothing in the trace to count.
 */
import type { ClockMode } from '../providers/clock.ts';
import type { EventSource } from '../sources/source.ts';
import { PREFIX } from './notices.ts';

/** The clock, or why there is no such clock here. */
export function chooseClock(
  asked: ClockMode | undefined,
  source: EventSource | undefined,
): ClockMode | string {
  const isLive = source?.live ?? false;
  if (asked === undefined) return bestClock(source);
  switch (asked.kind) {
    case 'trace':
      if (!source || isLive || source.hasTime) return asked;
      return `${source.name} has no times; index and timer:VECTOR@RATEhz are clocks for it`;
    case 'host':
      if (isLive) return bestClock(source);
      return source ? 'the host clock needs a live guest; a replay has trace, timer, icount or index' : asked;
    case 'icount':
      if (isLive)
        return 'the log of a running guest counts no instructions; trapline record does, and -t replays it';
      return source?.countsInstructions ? { kind: 'trace' } : asked;
    default:
      return asked;
  }
}

function bestClock(source: EventSource | undefined): ClockMode {
  if (source?.live) return { kind: 'host', stamped: source.stampsHostTime ?? false };
  return { kind: source?.hasTime ? 'trace' : 'index' };
}

/** Said when nobody chose the clock, and the trace has none. */
export function guessNotice(asked: ClockMode | undefined, chosen: ClockMode, { name }: EventSource): string {
  if (asked !== undefined || chosen.kind !== 'index') return '';
  return `${PREFIX}${name} has no times: one event counts as 1 µs (-x clock=timer:0x20@100hz uses a timer vector)\n`;
}

/** Said at the end when there was nothing in the trace that moves the clock. */
export function idleNotice(mode: ClockMode, { name }: EventSource): string {
  if (mode.kind === 'timer')
    return `${PREFIX}${name} has no interrupt 0x${mode.vector.toString(16)}: its clock did not tick\n`;
  return mode.kind === 'icount'
    ? `${PREFIX}${name} has no records of -d exec: its clock counted no instruction\n`
    : '';
}
