/**
 * Required before a trial run: at its exit, V8's cache of every script goes into the folder TRIAL_CACHES. The process then makes
 * the runs of MORE_RUNS, too, a JSON list of command lines: V8 knows a script again that it has compiled, so that its cache
 * has the functions that any of the runs called.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const scripts = new Map();

vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    scripts.set(path.basename(options.filename, '.js'), this);
  }
};

const more = JSON.parse(process.env.MORE_RUNS ?? '[]');
const launcher = process.argv[1];
const exit = process.exit;

process.exit = (status) => {
  if (status > 1 || more.length === 0) exit(status);
  process.argv.splice(2, Infinity, ...more.shift());
  delete require.cache[launcher];
  require(launcher);
};

process.on('exit', () => {
  for (const [name, script] of scripts) {
    fs.writeFileSync(path.join(process.env.TRIAL_CACHES, name), script.createCachedData());
  }
});
