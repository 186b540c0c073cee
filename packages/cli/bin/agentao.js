#!/usr/bin/env node
// Old syntax and no import statement, so that any Node since 12.17 gets as far as the one line that tells what is missing.
var major = Number(process.versions.node.split('.')[0]);

// Whatever ends the process before its command has come to an end is a failure.
process.exitCode = 1;
if (major < 24) {
  console.error(
    'agentao needs Node 24 or newer, this is Node ' + process.versions.node + '. Get it from https://nodejs.org',
  );
} else {
  // A service manager may ask for a reload before the command is loaded; it has read nothing yet then.
  if (process.argv[2] === 'switch') process.on('SIGHUP', function () {});
  // Timers and idle sockets keep no process alive; this does until the command has come to an end.
  var hold = setInterval(function () {}, 1000000000);
  import('node:fs')
    .then(function (fs) {
      var source = new URL('../src/main.ts', import.meta.url);
      return import(fs.existsSync(source) ? source.href : '../dist/index.js');
    })
    .then(function (cli) {
      return cli.main(process.argv.slice(2));
    })
    .then(
      function (exitCode) {
        process.exitCode = exitCode;
        clearInterval(hold);
      },
      function (error) {
        console.error('agentao failed: ' + error.message);
        clearInterval(hold);
      },
    );
}
