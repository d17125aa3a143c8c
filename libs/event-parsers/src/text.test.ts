import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from './testing/any-text.ts';
import { fingerprint, isKeptText, keptText, labelValue, MAX_TEXT_LENGTH, oneLine } from './text.ts';

describe('labelValue', () => {
  it('leaves a valid text as it is', () => {
    expect(labelValue('instance-event-0d59937288b749b32')).toBe('instance-event-0d59937288b749b32');
    expect(labelValue('a.b_c-d')).toBe('a.b_c-d');
    expect(labelValue('')).toBe('');
  });

  it('cuts a long text to 63 characters', () => {
    const id = `spot-itn-${'0123456789abcdef'.repeat(4)}`;
    expect(labelValue(id)).toBe(id.slice(0, 63));
  });

  it('ends with a letter or digit where the cut falls on a dash', () => {
    expect(labelValue(`${'a'.repeat(60)}---b`)).toBe('a'.repeat(60));
  });

  it('replaces characters that Kubernetes does not allow', () => {
    expect(labelValue('event/id: é\n42!')).toBe('event_id____42');
    expect(labelValue('../../etc/passwd')).toBe('etc_passwd');
  });

  it('tells hostile texts apart that have no valid character', () => {
    expect(labelValue('///')).toMatch(/^[0-9a-f]{32}$/);
    expect(labelValue('///')).not.toBe(labelValue('🙈'));
  });

  it('always gives a valid value, and the same one again', () => {
    fc.assert(
      fc.property(fc.oneof(anyText({ maxLength: 200 }), fc.string({ maxLength: 200 })), (text) => {
        const value = labelValue(text);
        expect(value).toMatch(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/);
        expect(labelValue(text)).toBe(value);
        expect(labelValue(value)).toBe(value);
      }),
    );
  });

  it('copes with an id of 256 KiB', () => {
    expect(labelValue(`i${'-'.repeat(262_144)}`)).toBe('i');
    expect(labelValue('-'.repeat(262_144))).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('keptText (S7)', () => {
  it('leaves a text of the alphabet as it is, up to 128 characters', () => {
    const arn = 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED/1';
    expect(keptText(arn)).toBe(arn);
    expect(keptText('a'.repeat(128))).toBe('a'.repeat(128));
    expect(keptText('a'.repeat(129))).toMatch(/^a{111}~[0-9a-f]{16}$/);
  });

  it.each(['x","admin":true,"y":"', 'a\u001b[2Jb', 'a\u202eb', 'a\r\nb', 'a\u{e0041}b', '', '🙈', 'x'.repeat(250_000)])(
    'lets nobody add to what it becomes part of: %j',
    (text) => {
      const kept = keptText(`spot-itn-event-${text}`);
      expect(kept).toMatch(/^spot-itn-event-[A-Za-z0-9._:/=@+-]*(~[0-9a-f]{16})?$/);
      expect(kept.length).toBeLessThanOrEqual(128);
    },
  );

  it('tells texts apart, and keeps what was kept', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 200 }), anyText({ maxLength: 200 }), (one, other) => {
        expect(isKeptText(keptText(one))).toBe(true);
        expect(keptText(keptText(one))).toBe(keptText(one));
        expect(keptText(one) === keptText(other)).toBe(one === other);
      }),
    );
  });
});

describe('oneLine', () => {
  it('leaves a plain text as it is', () => {
    expect(oneLine('scheduled reboot, größer')).toBe('scheduled reboot, größer');
  });

  it('puts one space for line breaks, other control characters and direction marks', () => {
    expect(oneLine('a\u061cb\u2060c\u{e0000}d')).toBe('a b c d');
    expect(oneLine(' a\r\n\tb\u0000c\u2028d\u202ee\u001b[31m ')).toBe('a b c d e [31m');
  });

  it('cuts a long text with an ellipsis', () => {
    expect(oneLine('x'.repeat(262_144))).toBe(`${'x'.repeat(MAX_TEXT_LENGTH - 1)}…`);
    expect(oneLine('abcdef', 4)).toBe('abc…');
  });

  it('leaves no half of a character behind a cut', () => {
    expect(oneLine('ab😀cd', 4).isWellFormed()).toBe(true);
  });

  it('always gives one line of bounded length', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 600 }), (text) => {
        const line = oneLine(text, 100);
        expect(line).toMatch(/^[^\p{Cc}\u2028\u2029]*$/u);
        expect(line.length).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe('fingerprint', () => {
  it('is the SHA-256 of the fields', () => {
    fc.assert(
      fc.property(fc.array(anyText()), (fields) => {
        expect(fingerprint(...fields)).toBe(createHash('sha256').update(JSON.stringify(fields)).digest('hex'));
      }),
    );
  });

  it('tells lists apart that read the same when joined', () => {
    expect(fingerprint('ab', 'c')).not.toBe(fingerprint('a', 'bc'));
    expect(fingerprint('a,b')).not.toBe(fingerprint('a', 'b'));
  });
});
