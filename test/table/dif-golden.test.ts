/**
 * Ten small programs and the code they become, chosen to be read: `dif/NAME.d` and beside it `dif/NAME.dif`.
 * UPDATE=1 rewrites the listings; read every changed line.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { assemble } from '../../src/dif/assemble.ts';
import { disassembleProgram } from '../../src/dif/disassemble.ts';
import { compiledD } from '../support/compile-d.ts';

const FOLDER = new URL('dif/', import.meta.url);
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.d'))
  .map((file) => file.slice(0, -2));

test.each(NAMES)('%s', (name) => {
  const listing = disassembleProgram(compiledD(readFileSync(new URL(`${name}.d`, FOLDER), 'utf8')));
  const golden = new URL(`${name}.dif`, FOLDER);
  if (process.env['UPDATE'] === '1') writeFileSync(golden, listing);
  expect(listing).toBe(readFileSync(golden, 'utf8'));
});

test.each(NAMES)('the objects of %s can be assembled from the listing', (name) => {
  const listing = readFileSync(new URL(`${name}.dif`, FOLDER), 'utf8');
  const objects = listing.split(/^(?=DIFO )/m).slice(1);
  expect(objects.length).toBeGreaterThan(0);
  for (const object of objects) {
    const body = object.split(/\n\n(?=\[\d+\]|clause |action #)/)[0] ?? '';
    expect(assemble(body)).toHaveProperty('code');
  }
});
