import { DEFAULT_LIMITS, SPRIG_REFUSED, sprigFunctions } from '@node-termination-handler/go-template';
import type { GoType } from '@node-termination-handler/go-template';
import { INTERRUPTION_EVENT, NEW_DATA, NODE_METADATA } from '../template-body.ts';

const NEW_NAMES = Object.keys(NEW_DATA);

/** Writes docs/webhook-templates.md from what the engine knows. */
export function templateDocs(): string {
  const functions = Object.keys(sprigFunctions()).filter((name) => !(name in SPRIG_REFUSED));
  return `<!-- Written by \`npm run docs -w libs/webhook-notifier\`; a test compares the two. -->

# Webhook templates

The body of a webhook is a Go [\`text/template\`](https://pkg.go.dev/text/template) with the functions of [sprig](https://masterminds.github.io/sprig/), rendered
byte for byte as Go renders it. A template that was written for the AWS Node Termination Handler is used as it is:

\`\`\`yaml
webhookTemplate: '{"text":"{{ .Kind }} on {{ .NodeName }} at {{ .StartTime.Format "15:04" }}: {{ .Pods | join ", " }}"}'
\`\`\`

Who wants a message for Slack, Teams, PagerDuty, Opsgenie, Discord, Google Chat, Alertmanager or CloudEvents needs no template: [a preset](chat.md) has it. Without either the body is \`{"text":"[NTH][Instance Interruption] EventID: … - Kind: … - Instance: … - Node: … - Description: … - Start Time: … - …"}\`, with what has
happened in one sentence at its end, and valid JSON whatever the fields hold. In a template of your own, write \`{{ .Description | toJson }}\` where JSON wants a string.

At the start a template is parsed, and tried on an event without content. One that can't be used stops the program with the line and the reason, in Go's words:
\`template: message:1:12: executing "message" at <.Nope>: can't evaluate field Nope in type webhook.combinedDrainData\`.

## What a template gets

Two structs, whose fields can be named with or without the struct: \`.Region\` is \`.NodeMetadata.Region\`, \`.Kind\` is \`.InterruptionEvent.Kind\`. \`.InstanceID\` and
\`.InstanceType\` are those of the event, and of the node where the event has none. A field that is none is an error; a key that \`.NodeLabels\` has not is \`<no value>\`.

| field | type | in \`toJson\` |
| --- | --- | --- |
${fieldRows('', INTERRUPTION_EVENT)}
${fieldRows('.NodeMetadata', NODE_METADATA)}
${NEW_NAMES.map((name) => `| \`.${name}\` | ${NEW_TYPES[name] ?? 'string'} | – |`).join('\n')}

The last ${NEW_NAMES.length} are new; \`toJson .\` and \`{{ . }}\` leave them out, and are as they were. \`.Phase\` is what the message is about: \`received\`, \`cordoned\`, \`overdue\`, \`drained\`, \`failed\`,
\`uncordoned\` or \`cancelled\`. \`.Outcome\` is how the work on the node stands after it: \`pending\`, \`done\`, \`failed\`, \`lost\` (the instance is gone, and pods with it), \`over\`, \`nothing-to-do\` or \`dry-run\`;
\`.Severity\` is \`info\`, \`warning\` (overdue), \`error\` (failed) or \`critical\` (lost). \`.Summary\` says what has happened in one sentence, \`.Reason\` why something failed or is over, \`.Duration\` how long the drain took.
\`.PodCounts\` holds how many pods were \`evicted\`, \`hurried\` (evicted with less than their grace), \`deleted-past-budget\`, \`deleted-past-admission\` (a webhook or policy), \`deleted-past-fault\`,
\`cut-short\` by the end of the instance, \`finished\`, \`with-namespace\`, \`left\` on the node or \`lost\` with it: \`{{ index .PodCounts "deleted-past-budget" }}\`;
\`.PodsEvicted\`, \`.PodsHurried\`, \`.PodsDeleted\` (past whatever), \`.PodsLeft\` and \`.PodsLost\` are the ones most asked for. A node is told of once in each phase; \`.OtherEvents\` has the ids of the other events that ask
for the same, while \`received\` comes for each event.
Descriptions hold no line break. Times are in UTC; those that are not known are Go's zero time, which \`.StartTime.IsZero\` tells.

Times and durations, such as \`.EndTime.Sub .StartTime\`, have the methods of Go's [\`time.Time\`](https://pkg.go.dev/time#Time) and
[\`time.Duration\`](https://pkg.go.dev/time#Duration): \`Format\`, \`Add\`, \`Unix\`, \`Minutes\` and the others; the README of
[go-template](../libs/go-template/README.md) lists them.

## Functions

Those of [\`text/template\`](https://pkg.go.dev/text/template#hdr-Functions), and these ${functions.length} of sprig; the README of
[go-template](../libs/go-template/README.md#functions) has them by subject.

${codes(functions)}

## Refused functions (${Object.keys(SPRIG_REFUSED).length})

A template that names one of these is refused at the start; the first two give the variables that \`WEBHOOK_TEMPLATE_ENV\` lists, where it lists any, and refuse all others by name.

| function | because |
| --- | --- |
${Object.entries(SPRIG_REFUSED)
  .map(([name, reason]) => `| \`${name}\` | ${reason} |`)
  .join('\n')}

## What differs from Go

Limits keep a template from taking the program down: ${grouped(DEFAULT_LIMITS.textBytes)} bytes of text, lists of ${grouped(DEFAULT_LIMITS.listItems)} items, ${grouped(DEFAULT_LIMITS.steps)} steps, a
depth of ${DEFAULT_LIMITS.depth}. What else differs, and how the engine is proved, the README of [go-template](../libs/go-template/README.md#what-differs-from-go) says.

## How the data is proved

\`libs/webhook-notifier/test/cases/\` holds templates on the data of webhooks, \`golden.json\` beside it what Go's own \`text/template\` and sprig made of them: the
output, or the whole error. Add a line to a file of cases and run

\`\`\`sh
cd libs/webhook-notifier/test/golden && TZ=UTC go run . ../cases ../golden.json
\`\`\`
`;
}

/** Of those that are no strings. */
const NEW_TYPES: Readonly<Record<string, string>> = {
  PodCounts: 'map[string]int',
  ...Object.fromEntries(['Evicted', 'Hurried', 'Deleted', 'Left', 'Lost'].map((how) => [`Pods${how}`, 'int'])),
  Duration: 'time.Duration',
  OtherEvents: '[]string',
  Env: 'map[string]string',
};

function grouped(number: number): string {
  return number.toLocaleString('en-US');
}

function fieldRows(path: string, { fields = [] }: GoType): string {
  return fields
    .filter(({ type }) => type.kind !== 'func')
    .map(({ name, type, jsonName }) => {
      const isDecided = DECIDED.includes(name);
      const note = isDecided && path === '' ? ', which is the decided one' : '';
      return `| \`${isDecided ? path : ''}.${name}\` | ${type.name} | \`${jsonName ?? name}\`${note} |`;
    })
    .join('\n');
}

/** Both structs have these, and which one counts is decided for the template. */
const DECIDED = ['InstanceID', 'InstanceType'];

function codes(names: Iterable<string>): string {
  return [...names]
    .sort()
    .map((name) => `\`${name}\``)
    .join(', ');
}
