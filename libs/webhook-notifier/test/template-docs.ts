import {
  DEPTH_LIMIT,
  DURATION_METHODS,
  FUNCTION_GROUPS,
  LIST_LIMIT,
  REFUSED_FUNCTIONS,
  REGEX_NAMES,
  STEP_LIMIT,
  TEXT_LIMIT,
  TIME_METHODS,
} from '@node-termination-handler/go-template';
import type { GoType } from '@node-termination-handler/go-template';
import { INTERRUPTION_EVENT, NODE_METADATA } from '../src/data/event-types.ts';

/** Writes docs/webhook-templates.md from what the engine knows. */
export function templateDocs(): string {
  const groups = {
    ...FUNCTION_GROUPS,
    'Regular expressions': Object.fromEntries(REGEX_NAMES.map((name) => [name, name])),
  };
  const count = Object.values(groups).reduce((sum, group) => sum + Object.keys(group).length, 0);
  return `<!-- Written by \`npm run docs -w libs/webhook-notifier\`; a test compares the two. -->

# Webhook templates

The body of a webhook is a Go [\`text/template\`](https://pkg.go.dev/text/template) with the functions of [sprig](https://masterminds.github.io/sprig/), rendered
byte for byte as Go renders it. A template that was written for the AWS Node Termination Handler is used as it is:

\`\`\`yaml
webhookTemplate: '{"text":"{{ .Kind }} on {{ .NodeName }} at {{ .StartTime.Format "15:04" }}: {{ .Pods | join ", " }}"}'
\`\`\`

Without a template the body is \`{"text":"[NTH][Instance Interruption] EventID: … - Kind: … - Instance: … - Node: … - Description: … - Start Time: …"}\`, and valid
JSON whatever the fields hold. In a template of your own, write \`{{ .Description | toJson }}\` where JSON wants a string.

At the start a template is parsed, and tried on an event without content. One that can't be used stops the program with the line and the reason, in Go's words:
\`template: message:1:12: executing "message" at <.Nope>: can't evaluate field Nope in type webhook.combinedDrainData\`.

## What a template gets

Two structs, whose fields can be named with or without the struct: \`.Region\` is \`.NodeMetadata.Region\`, \`.Kind\` is \`.InterruptionEvent.Kind\`. \`.InstanceID\` and
\`.InstanceType\` are those of the event, and of the node where the event has none. A field that is none is an error; a key that \`.NodeLabels\` has not is \`<no value>\`.

| field | type | in \`toJson\` |
| --- | --- | --- |
${fieldRows('', INTERRUPTION_EVENT)}
${fieldRows('.NodeMetadata', NODE_METADATA)}
| \`.Phase\` | string | – |

\`.Phase\` is new: what the message is about, \`received\`, \`cordoned\`, \`drained\`, \`failed\`, \`uncordoned\` or \`cancelled\`. \`toJson .\` and \`{{ . }}\` leave it out, and are as they were.
Descriptions hold no line break. Times are in UTC; those that are not known are Go's zero time, which \`.StartTime.IsZero\` tells.

Methods of times: ${codes(TIME_METHODS.keys())}.
Those with several results (\`Date\`, \`Clock\`, \`Zone\`, \`ZoneBounds\`, \`ISOWeek\`) are errors, as in Go.

Methods of durations, which \`.EndTime.Sub .StartTime\` gives: ${codes(DURATION_METHODS.keys())}.

## Functions (${count})

${Object.entries(groups)
  .map(([title, functions]) => `**${title}**: ${codes(Object.keys(functions))}`)
  .join('\n\n')}

## Refused functions (${Object.keys(REFUSED_FUNCTIONS).length})

A template that names one of these is refused at the start.

| function | because |
| --- | --- |
${Object.entries(REFUSED_FUNCTIONS)
  .map(([name, reason]) => `| \`${name}\` | ${reason} |`)
  .join('\n')}

## What differs from Go

- \`slice\` is sprig's, as with the incumbent; that of \`text/template\` is hidden by it there too.
- Where Go goes through a map in no order (\`keys\`, \`values\`), this goes by the keys.
- \`{{ now }}\` shows no reading of the monotonic clock (\`m=+0.01\`).
- What would print an address in memory (\`%p\`, a pointer within a list) is an error.
- Limits keep a template from taking the program down: ${TEXT_LIMIT.toLocaleString('en-US')} bytes of text, lists of ${LIST_LIMIT.toLocaleString('en-US')} items, ${STEP_LIMIT.toLocaleString('en-US')} steps, a depth of ${DEPTH_LIMIT}; regular expressions of
  1,000 characters, in linear time; version constraints of 256 characters.
- \`mustFromJson\` says in other words what is wrong with a text that is no JSON.
- Abbreviations of time zones (\`CEST\`) are those of today's rules, also for dates before them.

## How it is proved

\`libs/webhook-notifier/test/cases/\` holds templates, \`golden.json\` beside it what Go's own \`text/template\` and sprig made of them: the output, or the whole error. The
generator is [tools/template-cases](../tools/template-cases/main.go). Add a line to a file of cases and run

\`\`\`sh
cd tools/template-cases && TZ=UTC go run . ../../libs/webhook-notifier/test/cases ../../libs/webhook-notifier/test/golden.json
\`\`\`
`;
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
