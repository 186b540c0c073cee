// What this machine does to a process that does nothing: the worst lateness of a 5 ms timer until the parent disconnects.
let worstMs = 0;
let dueMs = performance.now() + 5;
function tick(): void {
  const nowMs = performance.now();
  worstMs = Math.max(worstMs, nowMs - dueMs);
  dueMs = nowMs + 5;
  setTimeout(tick, 5);
}
setTimeout(tick, 5);
process.on('message', (message) => {
  if (message === 'reset') worstMs = 0;
  else process.send?.(worstMs);
});
process.once('disconnect', () => process.exit(0));
