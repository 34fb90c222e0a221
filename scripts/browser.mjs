#!/usr/bin/env node
/**
 * The browser of the tests of `trapline report --html`: Debian's chromium, or what CHROMIUM names.
 *
 * Prints its path, or nothing when there is none. As root on Debian, `--install` fetches it with apt when there is none. `--check` says in words whether those tests will
 * run or be skipped; with CI set, that it is missing is a failure.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const PACKAGE = 'chromium';
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function onPath(program) {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, program)).find((file) => fs.existsSync(file));
}

/** Its path; undefined: there is none. */
function findBrowser() {
  const { CHROMIUM: named } = process.env;
  if (named) return fs.existsSync(named) ? named : onPath(named);
  return NAMES.map(onPath).find((file) => file !== undefined);
}

function install() {
  if (findBrowser() || process.getuid?.() !== 0 || !onPath('apt-get')) return;
  process.stderr.write(`browser: installing ${PACKAGE}\n`);
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  };
  try {
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', PACKAGE], options);
  } catch {
    process.stderr.write(`browser: apt could not install ${PACKAGE}\n`);
  }
}

function check() {
  const browser = findBrowser();
  if (browser) {
    console.log(`tests of the HTML report: ${browser}`);
    return;
  }
  const rule = process.env.CI ? 'and CI is set, so they must run' : 'so they are SKIPPED';
  console.error(`tests of the HTML report: no browser (apt-get install ${PACKAGE}), ${rule}`);
  process.exitCode = process.env.CI ? 1 : 0;
}

if (process.argv.includes('--install')) install();
if (process.argv.includes('--check')) check();
else process.stdout.write(findBrowser() ?? '');
