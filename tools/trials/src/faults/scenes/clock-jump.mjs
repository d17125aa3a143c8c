// Loaded before a program: SIGUSR2 moves its wall clock, as a time service does. `CLOCK_JUMP_MS` says by how much.
const now = Date.now.bind(Date);
let offset = 0;

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
