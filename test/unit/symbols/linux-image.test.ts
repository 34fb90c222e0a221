/**
 * Boot images around a small payload, packed in each way that kernels are. What programs packed beforehand stands here in
 * base64, with the command above it; a real kernel is in test/live/kernel-code.test.ts.
 */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLinuxImage, unpackLinuxImage } from '../../../src/symbols/linux-image.ts';

/** What the payloads hold: ELF's magic, then calls and jumps among bytes that the x86 filter may take for such. */
function makeKernel(sizeBytes: number): Uint8Array {
  const out = [0x7f, 0x45, 0x4c, 0x46];
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 16) % below;
  };
  while (out.length < sizeBytes) {
    const kind = random(8);
    if (kind < 4) {
      const displacement = random(4) * 0x100 - (out.length + 5);
      out.push(kind < 3 ? 0xe8 : 0xe9, ...[0, 8, 16, 24].map((shift) => (displacement >> shift) & 0xff));
    } else if (kind === 4) out.push(...new Array<number>(1 + random(4)).fill(0xe8));
    else if (kind === 5) out.push(...[0, 0xff, 0xe9].slice(random(3)));
    else {
      const byte = random(8) * 16;
      out.push(...new Array<number>(1 + random(3)).fill(byte));
    }
  }
  return Uint8Array.from(out.slice(0, sizeBytes));
}

const KERNEL = makeKernel(900);

/** xz --check=crc32 --x86 --lzma2=preset=9, as kernels do */
const XZ_X86 = [
  '/Td6WFoAAAFpIt42AgEEACEBHACHbtrl4AODAaZdAD+RRYRryi3Sz853aZr04bOXIbWSGFO2MHJ0XdvIFl15pDNFiVEOtqMXyjT2',
  'ea9fIq/I8/AehBS4SMxDo97QKT++bsL3gV2PIXWENyYRVt/DAPvoAfy34u7qga6XaCTgdIcQ+AwQrMKrg29KEwPoOeyviwhsErDy',
  'EAnDc7pl3ttSDGWal3hdG1cGIkPaFYSIk7lvKKLLKLBLe8T19JUnG9tPrf/oMwuA8kTsxWKUAytgYcmF5+3pzKmVjaeqXCl5P/SQ',
  'VfcBMSm53pD304Y68IYM99KJgCB032SwWns0TXa23UF8HxXLSFAuBbeSO44fO5eHQ5ZyiEzxyYRfPiaV1atZ7DCP0CvVvLA97eIj',
  'cvGYv+Ma+QeYxx7pNze57nwX33EHWxx5M0BRLi+UDG/Fu73Bysr5xBwd4w2biuar2wxyr+/xTkhLA8D6tomYNR6y3lppUcTZSW2f',
  'AxKmBeoKcIxvEHaulrGLVjvjAImZawilA6GEu7kXYPhHm5+IClyircBb4Dk+l+RyNIxEQQANIj6NpUxQwogNXhkwazGikwavcLXh',
  'w8gAAAAA2gccZAABvgOEBwAA4etBwz4wDYsCAAAAAAFZWg==',
].join('');
/** xz --check=crc32 --lzma2=preset=9 */
const XZ = [
  '/Td6WFoAAAFpIt42AgAhARwAAAAQz1jM4AODAgtdAD+RRYRryjAwaM4kOSgnBrvRts1n52UUlCv9R+mk54qsx0ZNS2/B2RgRVp61',
  '5hGb7iDfMOuBmSZs04ovJc91qkLM11RW9niB/GS3cBt3uAvp0UQs0682aGz4NhW+6vGQ8517wx8KVs6QwtgQIqRWNWHXhItMru4s',
  'uildmgYZo73bGOj/iFreuZ9Ue2gYGvVdZ/5YkSg71gE/nOrJTq4O+uRUU9o71F4uHe+A+NWBwCkYbpLbX4Qtla5bTRkiLY78jkER',
  'cJatZHVos29o/Hkvzyml9TtA1O5v/52qwMib8t2Orh5RKRRqqaU1pw5yUQQErURMEyBRXYV/rlmBygEAGiYPDRmlQJnIgJMwG+wP',
  'XdeijgzuAS5NlsnYl+aKkiBoMrQZ8OXt0a3sXr7oAzt0n0JLCeQYTlAm2ifWPDm9nIvinATCiproDjqf8/7uXcoj2J1IzuKIfhJp',
  'iLbzj7wAR0Cv1P476QwR8Iy1DPSoBmwMmH6ixNW4PwbB5AOIpvv2I6w9KqJbVNk4hpWcW54Pm+/aa8i2D6VRNDpkhRJgZOofbGJf',
  'RWRJuDXSgi+L4FMwJbY+0DLwUAWMIpigGQev3baZlbjzGqfdONd/NzuH3dRJFd5L+gq+64y9tTd0r2Znmy+G8vzEwqzWdnxqMcbc',
  'GrRTe/xbz4hr4DpXTjST2bYDfCvb0jJMwwi8ucIAANoHHGQAAaMEhAcAALQmKc4+MA2LAgAAAAABWVo=',
].join('');
/** lz4 -l -9 */
const LZ4 = [
  'AiFMGOQCAADwEH9FTEZg6fYCAADp8QEAAOns////UFBQ6OjjAgAA6N4FAPAP2QEAACAgIHAQEOjO////6MkBAAAwMDDowQAAAOi8',
  'EgCwAP/pYOmyAQAA6K0UAPAIqP///+mjAQAAYGDonAAAAHBwYOiUAAAmAHFgYOjo6EBACwAg6IAoABB7YwAQdgoAoAD/6ejo6Ojp',
  '6WhUABBjjgAhXgE3AFAgICDoUxAAEE4aABBJaQAQRAUAUejo6DwACACAUFBQcHBwEBAqAKDo6Cf///9AQOkgHAAQG0MA8AMAABAw',
  'MOgQ////AP/p/+npBgJXADBwcHDaACDp+EwAQfP+//9/ABDqNgAQ5Q4AwOABAAAQEBAg/+no1RcBAbUAE8t5ACDowowAEL0tABK4',
  'YwDgcHDo6Oj/6eip/v//6aQFABCfLAAQmksAEJUKABCQCgCAi////3Bw6IQgABJ/TABQMDAw6XROABBvTgBxagAAAOll/qsAMehd',
  'AIMAsBDpVAAAAFBQUOlMRABSR////xAuARE8ZwEwYOg0QAAQLwUAECopARAlRQAAyAEQHDAAEBdfARASCgAQDXcAEwjDACDp/xMA',
  'EvpCAQBuABDvEAAh6v2hAEDo6ejgRQAS2xgBctT9//9g6M6GACDoxmkAAQACcBAQEOjo6LYQAAAMACDprAoAEKc5ABGihQEAaAAR',
  'mMUBIOiRFgABAAEg6IYFABGBWgAC+AGgdQAAAEBAQOnpbFUAIWf+EAIACwAQXAUAQFf9//9pABFPDgEg6EhJABBDBQBgYGBg6ek5',
  'SAASNMYAAQEAADIBcVBQICDpH/2DABIYHAAQEQcAQgz///86ARACCwEg6Pw9AFD3/P//YAABEPz9AuDo6P3//+jj/P//AADo3KoA',
  'Itf8jgEQzw0AEMoyABLFRwAAbwIQuhAAILX+NQFCIOit/EYCEOgAAiDonwUAEJoTABCVCgAQkAoAI4v+AAGgAP/p6H79///peQ==',
].join('');
/** zstd -19 */
const ZSTD = [
  'KLUv/WSEAuUQAFbgWjkAebIcm2UgCiCAI9uqTU0sU4BbRu63qJu9XWEYuwxwd0LlhXBO/TUuO1Gst5fjBSyo+EFb3HROdgpPAEgA',
  'SQCzcCHDJA8f1lYEuW3sKFSw2J/P9jBmgUD/jFnWSzXYFsf+mr20gxY7kP0283g8LxVZ25tNE4iiqJeYPNl3craqqtpK4UtU+B0r',
  'tCa8SIAJl1hbE9xgXLQNycTYDI0NtleOsdte8rE/yNoK2ZFWbZWMnV7CgbI/CretvarsJSxkvwOALHvbaR7P9Aj2U/x82jLYQKDt',
  'si1CaxGztqHxfzH2l7FtNPjf0MEe+23WlshuZrWjJFsT/jjjNooyZexnKRdgQAEaSDD+C/hSAwdr2zLLZaLwwl8DpzuMvb1A8B+x',
  'DynYjlY0JiQjmqHZtq0V1Yy6ePwYYmRtkYxdsrZOcjarFV2Z6OpsG9tWAIEDGykgRVXV+1sekD8E/hWGoR1t2M9h/2x7hdhPgp//',
  'RF+ogVhNpEhkRkpLkg5QhJwqMg+Q9DbUgJkq0TDuAVmcORnkpCnKqxe4Xp7W1/DJHAOi9KAQlo/QEH5VKfNZBp6SPmIfsvttJdon',
  'OxDRR4io68uE3utT7QngNyehzsSYaHNaHbRzWjBxIqma9BgadJCARkEawKH2GQ1rtdn0HrQokNqa/DfOjmvPULqOVQs1Zu0tnWzJ',
  'ZShLS8cXMKj7I9m2OaybbxZw+sqyOpZSA5mduAg=',
].join('');

const SETUP_SECTORS = 2;
const PAYLOAD_OFFSET = 0x40;

function bootImage(payload: Uint8Array, protocol = 0x20f): Uint8Array {
  const start = (SETUP_SECTORS + 1) * 512 + PAYLOAD_OFFSET;
  const image = Buffer.alloc(start + payload.length + 100);
  image[0x1f1] = SETUP_SECTORS;
  image.write('HdrS', 0x202);
  image.writeUInt16LE(protocol, 0x206);
  image.writeUInt32LE(PAYLOAD_OFFSET, 0x248);
  image.writeUInt32LE(payload.length, 0x24c);
  image.set(payload, start);
  return image;
}

/** The size of what is packed stands behind it; gzip has it as its own last field. */
function withSize(packed: Uint8Array, sizeBytes = KERNEL.length): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(sizeBytes);
  return Buffer.concat([packed, size]);
}

const PAYLOADS: readonly (readonly [string, Uint8Array])[] = [
  ['gzip', gzipSync(KERNEL)],
  ['xz with the x86 filter', withSize(Buffer.from(XZ_X86, 'base64'))],
  ['xz', withSize(Buffer.from(XZ, 'base64'))],
  ['LZ4', withSize(Buffer.from(LZ4, 'base64'))],
  ['zstd', withSize(Buffer.from(ZSTD, 'base64'))],
  ['nothing', withSize(KERNEL)],
];

test.each(PAYLOADS)('packed by %s', async (name, payload) => {
  const image = bootImage(payload);
  expect(isLinuxImage(image)).toBe(true);
  const unpacked = await unpackLinuxImage(image);
  expect(typeof unpacked).toBe('object');
  const length = name === 'nothing' ? KERNEL.length : unpacked.length; // what is not packed has its size behind it
  expect(
    Buffer.from(unpacked as Uint8Array)
      .subarray(0, length)
      .equals(KERNEL),
  ).toBe(true);
});

test.each([
  ['an ELF file', Uint8Array.from(KERNEL)],
  ['nothing', new Uint8Array()],
  ['a header cut off', bootImage(PAYLOADS[0]![1]).subarray(0, 0x220)],
])('%s is no boot image', (_, bytes) => {
  expect(isLinuxImage(bytes)).toBe(false);
});

const gzipped = gzipSync(KERNEL);

describe('what is wrong is said', () => {
  test.each([
    ['its payload is cut off', bootImage(gzipped).subarray(0, 1800)],
    ['its payload is cut off', bootImage(new Uint8Array(8))],
    [
      'its compression is not one of gzip, xz, zstd and LZ4',
      bootImage(withSize(Buffer.from(`BZh9${'x'.repeat(40)}`))),
    ],
    ['its payload is no ELF file', bootImage(gzipSync(new Uint8Array(5000).fill(0x90)))],
    [
      'it is of a boot protocol before 2.08, which does not tell where the kernel is',
      bootImage(gzipped, 0x207),
    ],
    ['its payload is damaged', bootImage(withSize(Buffer.from(XZ_X86, 'base64'), 0xffff_ffff))],
    ['its payload is damaged', bootImage(withSize(Buffer.from(XZ_X86, 'base64'), KERNEL.length + 1))],
    ['its payload is damaged', bootImage(withSize(Buffer.from(LZ4, 'base64'), KERNEL.length - 1))],
    ['its payload is damaged', bootImage(withSize(Buffer.from(LZ4, 'base64'), KERNEL.length + 1))],
    ['its payload is damaged', bootImage(withSize(Buffer.from(ZSTD, 'base64'), KERNEL.length - 1))],
    ['its payload is damaged', bootImage(withSize(Buffer.from(ZSTD, 'base64'), KERNEL.length + 1))],
  ])('%s', async (reason, image) => {
    expect(await unpackLinuxImage(image)).toBe(reason);
  });
});

/** How a hang shows. */
const SOON_MS = 60_000;

test.each(PAYLOADS)(
  'damage in %s gives a sentence or bytes, and soon',
  async (_, payload) => {
    const damage = fc.array(fc.tuple(fc.nat(payload.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(payload.length), fc.boolean(), async (changes, length, cuts) => {
        const bytes = Uint8Array.from(payload);
        for (const [at, value] of changes) bytes[at] = value;
        const unpacked = await unpackLinuxImage(bootImage(cuts ? bytes.subarray(0, length) : bytes));
        if (typeof unpacked === 'string') expect(unpacked).toMatch(/^its? /);
        else expect([...unpacked.subarray(0, 4)]).toEqual([0x7f, 0x45, 0x4c, 0x46]);
      }),
      { seed: 4, numRuns: 60, timeout: SOON_MS },
    );
  },
  60_000,
);
