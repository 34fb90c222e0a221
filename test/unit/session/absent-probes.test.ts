import { expect, test } from 'vitest';
import { absentProbeHint } from '../../../src/session/absent-probes.ts';

const pattern = (text: string) => {
  const [provider = '', module = '', func = '', name = ''] = text.split(':');
  return { provider, module, function: func, name, id: undefined, text };
};

test.each([
  ['fbt:::entry', true, /kernel's symbols: --symbols vmlinuz/],
  ['fbt:::entry', false, /-t FILE, or start a guest with -c/],
  ['syscall::read:return', true, /only with symbols and code/],
  ['vec:::return', true, /live guest/],
  ['vec:::0x0e', false, /-t FILE/],
  ['cpu:::reset', false, /-t FILE/],
  ['vec:::0x100', false, /0x00 to vec:::0xff/],
  ['vec:::300', true, /0x00 to vec:::0xff/],
  ['vec::page_falt:', true, /mnemonic/],
  [':::tick-0', true, /a rate is/],
  [':::nosuch', true, /trapline -l/],
])('%s, trace named: %s', (text, hasTrace, hint) => {
  expect(absentProbeHint(pattern(text), hasTrace)).toMatch(hint);
});

test.each([
  ['fbt::nosuch:entry', /no function of that name/],
  ['fbt::vfs_read:return', /code, which kallsyms and System.map do not have/],
])('%s, symbols given', (text, hint) => {
  expect(absentProbeHint(pattern(text), true, true)).toMatch(hint);
});
