/** Required before a trial run: at its exit, V8's cache of every script goes into the folder TRIAL_CACHES. */
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const scripts = [];

vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    scripts.push([path.basename(options.filename, '.js'), this]);
  }
};

process.on('exit', () => {
  for (const [name, script] of scripts) {
    fs.writeFileSync(path.join(process.env.TRIAL_CACHES, name), script.createCachedData());
  }
});
