import { inspect } from 'node:util';
import { VirtualClock } from '@node-termination-handler/clock/virtual';
import { SPRIG_REFUSED, TemplateError } from '@node-termination-handler/go-template';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TEMPLATE, defaultBody } from './default-body.ts';
import { InvalidTemplateError } from './errors.ts';
import { compileWebhookTemplate, renderNotification } from './template.ts';
import { emptyNotification, fullNotification } from './testing/full-notification.ts';
import { aNotification } from './testing/notification.ts';

describe('a webhook template', () => {
  it('is rendered with the fields of the notification', async () => {
    expect(await renderNotification('{{ .Kind }} on {{ .NodeName }}', aNotification())).toBe(
      'SPOT_ITN on ip-10-0-0-1.eu-west-1.compute.internal',
    );
  });

  it('can ask for the phase, which no dump of the data shows', async () => {
    expect(await renderNotification('{{ .Phase }}', aNotification({ phase: 'cordoned' }))).toBe('cordoned');
    expect(await renderNotification('{{ . }} {{ toJson . }}', aNotification({ phase: 'cordoned' }))).not.toContain(
      'cordoned',
    );
  });

  it('can ask for what has happened, why, to how many pods and for which other events, which no dump shows', async () => {
    const notification = aNotification({
      ...{ summary: 'not drained:\nlate', reason: 'budget\nweb', podCounts: { evicted: 3, 'deleted-past-budget': 1 } },
      ...{ durationMs: 90_500, otherEvents: ['r-1', 'l-1'] },
    });
    const template =
      '{{ .Summary }}|{{ .Reason }}|{{ index .PodCounts "deleted-past-budget" }}|{{ .PodCounts.evicted }}|{{ .Duration }}|{{ .Duration.Seconds }}|{{ join "," .OtherEvents }}';
    expect(await renderNotification(template, notification)).toBe(
      'not drained: late|budget web|1|3|1m30.5s|90.5|r-1,l-1',
    );
    expect(await renderNotification('{{ . }} {{ toJson . }}', notification)).not.toMatch(/not drained|budget|r-1/);
    expect(await renderNotification(template, emptyNotification)).toBe('||0|<no value>|0s|0|');
  });

  it('gets descriptions on one line', async () => {
    const notification = aNotification({ event: { description: 'Spot ITN received.\nSoon.\n' } });
    expect(await renderNotification('{"text":"{{ .Description }}"}', notification)).toBe(
      '{"text":"Spot ITN received. Soon."}',
    );
  });

  it('of the default body gives what the default body is', async () => {
    const harmless = fc.stringMatching(/^[\w .:/-]{0,20}$/);
    await fc.assert(
      fc.asyncProperty(
        harmless,
        harmless,
        harmless,
        harmless,
        fc.date({ noInvalidDate: true, min: new Date(0) }),
        async (summary, eventId, nodeName, description, startTime) => {
          const notification = aNotification({ summary, event: { eventId, nodeName, description, startTime } });
          expect(await renderNotification(DEFAULT_TEMPLATE, notification)).toBe(defaultBody(notification));
        },
      ),
      { numRuns: 50 },
    );
    for (const notification of [emptyNotification, aNotification()]) {
      expect(await renderNotification(DEFAULT_TEMPLATE, notification)).toBe(defaultBody(notification));
    }
  });

  it('can ask how it stands, how bad that is, and for the pods that went each way', async () => {
    const podCounts = { evicted: 3, hurried: 2, 'deleted-past-budget': 1, 'deleted-past-fault': 4, left: 5, lost: 6 };
    const template =
      '{{ .Outcome }} {{ .Severity }} {{ .PodsEvicted }} {{ .PodsHurried }} {{ .PodsDeleted }} {{ .PodsLeft }} {{ .PodsLost }}';
    expect(await renderNotification(template, aNotification({ phase: 'failed', podCounts }))).toBe(
      'failed error 3 2 5 5 6',
    );
    const dry = aNotification({ phase: 'drained', outcome: 'dry-run' });
    expect(await renderNotification(template, dry)).toBe('dry-run info 0 0 0 0 0');
    expect(await renderNotification('{{ toJson . }} {{ . }}', dry)).not.toContain('dry-run');
  });

  it('may read the variables that are allowed, and is refused by the name of any other', async () => {
    const env = { CLUSTER: 'prod', STAGE: '' };
    const of = (template: string) => renderNotification(template, aNotification(), { env });
    expect(await of('{{ env "CLUSTER" }} {{ expandenv "$CLUSTER-${STAGE}" }} {{ .Env.CLUSTER }}')).toBe(
      'prod prod- prod',
    );
    const reason = 'the variable "HOME" is none of those allowed: CLUSTER, STAGE';
    await expect(of('{{ env "HOME" }}')).rejects.toThrow(reason);
    await expect(of('{{ expandenv "$HOME" }}')).rejects.toThrow(reason);
    // What would only be seen when a drain fails is seen at the start.
    const late = of('{\n{{ if eq .Phase "failed" }}{{ env "HOME" }}{{ end }}');
    await expect(late).rejects.toThrow(InvalidTemplateError);
    await expect(late).rejects.toThrow(`template: message:2: ${reason}`);
    await expect(of('{{ define "late" }}{{ with (`HOME` | env) }}{{ end }}{{ end }}')).rejects.toThrow(reason);
    // What is no call names nothing.
    expect(await of('env "HOME" {{/* env "HOME" */}}{{ print "env `HOME`" }}')).toBe('env "HOME" env `HOME`');
    await expect(renderNotification('{{ env "CLUSTER" }}', aNotification())).rejects.toThrow(
      "it reads the program's environment, where secrets are",
    );
    await expect(of('{{ key }}')).rejects.toThrow('function "key" not defined');
  });

  it('has the time of its clock', async () => {
    const clock = new VirtualClock({ startMs: Date.parse('2026-01-02T03:04:05Z') });
    const { render } = await compileWebhookTemplate('{{ now | date "15:04:05" }} {{ regexFind "0." "x03" }}', {
      clock,
    });
    expect(render(fullNotification).toString()).toMatch(/^\d\d:04:05 03$/);
  });

  it('writes bytes that are no text as they are', async () => {
    const { render } = await compileWebhookTemplate('{{ trunc 1 "é" }}');
    expect([...render(fullNotification)]).toEqual([0xc3]);
  });

  it('is refused when it does not parse, with the line', async () => {
    const compiled = compileWebhookTemplate('{{ .Kind }}\n{{ nope }}');
    await expect(compiled).rejects.toBeInstanceOf(InvalidTemplateError);
    await expect(compiled).rejects.toMatchObject({
      message: 'Invalid webhook template: template: message:2: function "nope" not defined',
      line: 2,
      column: undefined,
    });
  });

  it('is refused when it fails on an event without content, with the place', async () => {
    await expect(compileWebhookTemplate('{{ .Kind }}\n  {{ .Nope }}')).rejects.toMatchObject({
      message:
        'Invalid webhook template: template: message:2:5: executing "message" at <.Nope>: can\'t evaluate field Nope in type webhook.combinedDrainData',
      line: 2,
      column: 5,
    });
    await expect(compileWebhookTemplate('{{ index .Pods 0 }}')).rejects.toBeInstanceOf(InvalidTemplateError);
    await expect(compileWebhookTemplate('{{ env "SECRET" }}')).rejects.toThrow('function "env" is refused');
  });

  it.each(Object.entries(SPRIG_REFUSED))('is refused when it names %s, with the reason', async (name, reason) => {
    await expect(compileWebhookTemplate(`first line\n{{ ${name} "x" }}`)).rejects.toMatchObject({
      message: `Invalid webhook template: template: message:2: function "${name}" is refused: ${reason}`,
      line: 2,
    });
  });

  it.each([
    '{{ .EventID "hunter2" := 1 }}',
    '{{ ("hunter2") = }}',
    '{{ "hunter2".Foo }}',
    '{{ 12hunter2 }}',
    "{{ 'hunter2' }}",
    '{{ template "hunter2" . }}',
    '{{ index .NodeLabels 1 "hunter2" }}',
    '{{ index .NodeLabels "hunter2-and-much-more-than-an-error-quotes" 1 2 3 }}',
    '{{ fail "hunter2" }}',
    '{{ fail (print "hunter2 and" " more") }}',
    '{{ regexReplaceAll "(hunter2" "a" "b" }}',
    '{{ mustToDate "hunter2" "x" }}',
    '{{ mustRegexMatch "[hunter2" "x" }}',
    '{{ slice "hunter2" 30 }}',
    '{{ if eq .EventID "hunter2" }',
    '{{ "hunter2',
    '{"token":"hunter2","kind":"{{ .Kind }"}',
  ])('says where %s is wrong, and shows none of its texts (S12)', async (template) => {
    const error: unknown = await compileWebhookTemplate(`\n${template}`).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(InvalidTemplateError);
    expect(error).toMatchObject({ line: 2 });
    expect(inspect(error, { depth: 9 }).replaceAll(/\n +at .*/g, '')).not.toMatch(/hunter|12h/);
  });

  it('may still fail on an event with content', async () => {
    const { render } = await compileWebhookTemplate('{{ range .Pods }}{{ .Nope }}{{ end }}');
    expect(() => render(fullNotification)).toThrow(TemplateError);
  });

  it('shows nothing of the event in what is printed of it', async () => {
    const template = await compileWebhookTemplate('{{ .Kind }}');
    expect(inspect(template)).toBe('{ render: [Function: render] }');
  });
});
