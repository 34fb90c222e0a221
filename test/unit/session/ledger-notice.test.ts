/** What a session says about the bytes of its input. */
import { expect, test } from 'vitest';
import { Ledger } from '../../../src/machine/ledger.ts';
import { ledgerNotice } from '../../../src/session/notices.ts';

function lossy(): Ledger {
  const ledger = new Ledger();
  ledger.totalBytes = 1012;
  ledger.events = 3;
  ledger.eventBytes = 900;
  ledger.nonEvent('servicing', 29);
  ledger.nonEvent('linking', 12);
  ledger.lose('truncated', 11, 'a.log', () => 7);
  ledger.lose('torn', 50, 'a.log', () => 4);
  ledger.lose('torn', 10, 'a.log', () => 5);
  return ledger;
}

test('one loss and several, in one order whichever was seen first', () => {
  expect(ledgerNotice('a.log', lossy(), false)).toBe(
    'trapline: a.log: lost 2 torn records, 60 bytes (first at a.log:4); 1 truncated record, 11 bytes (first at a.log:7)\n',
  );
});

test('nothing lost: not a word, unless the account is asked for', () => {
  const ledger = new Ledger();
  ledger.totalBytes = ledger.eventBytes = 300;
  ledger.events = 1;
  expect(ledgerNotice('a.log', ledger, false)).toBe('');
  expect(ledgerNotice('a.log', ledger, true)).toBe(
    'trapline: ledger of a.log: 300 bytes\n  1 event, 300 bytes\n',
  );
});

test('the account names records that were torn and are whole, and other lines in one order', () => {
  const ledger = lossy();
  ledger.repaired = 2;
  expect(ledgerNotice('a.log', ledger, true).split('\n')).toEqual([
    'trapline: ledger of a.log: 1012 bytes',
    '  3 events, 900 bytes, 2 of them torn and put together whole',
    '  1 linking, 12 bytes',
    '  1 servicing, 29 bytes',
    '  lost: 2 torn records, 60 bytes (first at a.log:4)',
    '  lost: 1 truncated record, 11 bytes (first at a.log:7)',
    '',
  ]);
});
