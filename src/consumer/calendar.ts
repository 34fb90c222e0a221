/**
 * Times of day for `%Y` and `%T`: nanoseconds since 1970 → local time, as the environment's time zone has it.
 */
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const DAY_MS = 86_400_000;

/** `1973 Dec  3 17:20:00` */
export function traceTime(nanoseconds: bigint): string {
  const date = dateOf(nanoseconds);
  const day = String(date.getDate()).padStart(2);
  return `${date.getFullYear()} ${MONTHS[date.getMonth()]} ${day} ${clock(date)}`;
}

/** `Mon, 03 Dec 1973 17:20:00 CET`; the year is the one its week belongs to, as `%G` has it. */
export function mailTime(nanoseconds: bigint): string {
  const date = dateOf(nanoseconds);
  const day = twoDigits(date.getDate());
  const words = [
    `${DAYS[date.getDay()]},`,
    day,
    MONTHS[date.getMonth()],
    weekYear(date),
    clock(date),
    zone(date),
  ];
  return words.join(' ');
}

/** Seconds are floored, so that times before 1970 come out right. A 64-bit time always fits a Date. */
function dateOf(nanoseconds: bigint): Date {
  const remainder =
    ((nanoseconds % NANOSECONDS_PER_SECOND) + NANOSECONDS_PER_SECOND) % NANOSECONDS_PER_SECOND;
  return new Date(Number((nanoseconds - remainder) / NANOSECONDS_PER_SECOND) * 1000);
}

function clock(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** ISO 8601: a week belongs to the year of its Thursday. */
function weekYear(date: Date): number {
  const noon = new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12);
  const daysToThursday = 4 - (noon.getDay() || 7);
  return new Date(noon.getTime() + daysToThursday * DAY_MS).getFullYear();
}

/** The zone's abbreviation where the locale data know one, else its offset. */
function zone(date: Date): string {
  const name = (locale: string) =>
    new Intl.DateTimeFormat(locale, { timeZoneName: 'short' })
      .formatToParts(date)
      .find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';
  const american = name('en-US');
  return /^GMT./.test(american) ? name('en-GB') : american;
}
