// Loaded before a program: its wall clock is `CLOCK_AHEAD_MS` ahead, and SIGUSR2 moves it by `CLOCK_JUMP_MS`, as a time service does.
const now = Date.now.bind(Date);
let offset = Number(process.env.CLOCK_AHEAD_MS ?? 0);

class JumpedDate extends Date {
  constructor(...values) {
    if (values.length === 0) super(now() + offset);
    else super(...values);
  }
  static now() {
    return now() + offset;
  }
}
globalThis.Date = JumpedDate;
process.on('SIGUSR2', () => {
  offset += Number(process.env.CLOCK_JUMP_MS);
});
