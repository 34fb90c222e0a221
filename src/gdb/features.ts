/** What a stub says about itself: the reply to `qSupported`, and the files that `qXfer:features:read` hands out in parts. */
import { errorReply, GdbError } from './gdb-error.ts';

/** A description of all of arm64's system registers has 0.3 MiB. */
const MAX_DESCRIPTION_BYTES = 1 << 22;

/** `PacketSize=1000;multiprocess+` → name → value or sign. */
export function parseFeatures(reply: string): ReadonlyMap<string, string> {
  return new Map(
    reply.split(';').map((item) => {
      const match = /^([^=]+?)(?:=(.*)|([+?-]))?$/.exec(item);
      return [match?.[1] ?? item, match?.[2] ?? match?.[3] ?? ''];
    }),
  );
}

/** The whole of one file. `partBytes` leaves room for the letter that tells more (m) from last (l). */
export async function readAnnex(
  name: string,
  partBytes: number,
  request: (payload: string) => Promise<string>,
): Promise<string> {
  const step = (partBytes - 16).toString(16);
  let text = '';
  for (;;) {
    const reply = await request(`qXfer:features:read:${name}:${text.length.toString(16)},${step}`);
    if (!/^[lm]/.test(reply)) throw errorReply(`the description ${name}`, reply);
    text += reply.slice(1);
    if (reply[0] === 'l') return text;
    if (reply === 'm' || text.length > MAX_DESCRIPTION_BYTES) {
      throw new GdbError('protocol', `the target description ${name} does not end`);
    }
  }
}
