import fc from 'fast-check';

/** Any text at all: control characters, halves of characters, line separators. Far cheaper than fast-check's `binary` unit. */
export function anyText({ minLength = 0, maxLength = 100 } = {}): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.nat(0x7f), fc.nat(0xff_ff), fc.constantFrom(0x0a, 0x0d, 0x20_28, 0x20_29, 0x20_2e, 0xd8_3d));
  return fc.array(unit, { minLength, maxLength }).map((units) => String.fromCharCode(...units));
}
