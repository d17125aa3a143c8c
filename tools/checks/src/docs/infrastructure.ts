import { parse as parseHcl } from '@cdktn/hcl2json';
import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { isRecord } from '../charts/manifests.ts';

const texts = v.array(v.string());

/** What a rule of EventBridge lets through. */
const ruleSchema = v.object({
  source: texts,
  'detail-type': texts,
  detail: v.optional(v.record(v.string(), texts)),
});

/** What a rule of EventBridge lets through. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
export type EventRule = v.InferOutput<typeof ruleSchema>;

/** What a file makes in AWS, in words that CloudFormation and Terraform share. */
export interface Infrastructure {
  readonly rules: readonly EventRule[];
  /** Rights of the role, such as `sqs:DeleteMessage`, each once, in the order of the alphabet. */
  readonly rights: readonly string[];
  /** What the policies of queue and role ask about a request, such as `aws:SourceArn`. */
  readonly conditions: readonly string[];
  /** Whose messages the queue takes: the values of `aws:SourceArn`, or `anybody` where a statement does not ask for it. */
  readonly writers: readonly string[];
  /** How long each queue keeps messages, in seconds. */
  readonly retentionSeconds: readonly number[];
  /** Transition and default result of each lifecycle hook. */
  readonly hooks: readonly string[];
  /** What can be chosen, as small letters alone. */
  readonly parameters: readonly string[];
  /** Who can be given the role. */
  readonly trusts: readonly string[];
}

const template = v.object({
  Parameters: v.record(v.string(), v.unknown()),
  Resources: v.record(v.string(), v.unknown()),
});
const loop = v.tuple([v.string(), v.unknown(), v.record(v.string(), v.unknown())]);
const cloudFormationResource = v.object({ Type: v.string(), Properties: v.record(v.string(), v.unknown()) });

/** Reads a template of CloudFormation. @throws when it is none */
export function readTemplate(text: string): Infrastructure {
  // A tag such as !Ref stays its text.
  const document = parseDocument(text, { logLevel: 'silent' });
  const [fault] = document.errors;
  if (fault !== undefined) throw fault;
  const { Parameters, Resources } = v.parse(template, document.toJS());
  const resources = Object.values(Resources)
    // Fn::ForEach: a name, the list, and what there is for each of it.
    .flatMap((value) => (v.is(loop, value) ? Object.values(value[2]) : [value]))
    .map((value) => v.parse(cloudFormationResource, value));
  const of = (type: string) => resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
  const roles = of('AWS::IAM::Role');
  return {
    rules: of('AWS::Events::Rule').map(({ EventPattern }) => v.parse(ruleSchema, EventPattern)),
    rights: sorted(
      textsAt(
        roles.map(({ Policies }) => Policies),
        'Action',
      ),
    ),
    conditions: asked(keysIn([of('AWS::SQS::QueuePolicy'), roles])),
    writers: sorted(of('AWS::SQS::QueuePolicy').flatMap(({ PolicyDocument }) => writersIn(PolicyDocument))),
    retentionSeconds: of('AWS::SQS::Queue').map(({ MessageRetentionPeriod }) => Number(MessageRetentionPeriod)),
    hooks: sorted(
      of('AWS::AutoScaling::LifecycleHook').map(
        ({ LifecycleTransition, DefaultResult }) => `${String(LifecycleTransition)} ${String(DefaultResult)}`,
      ),
    ),
    parameters: sorted(Object.keys(Parameters).map(lettersOf)),
    trusts: trustsIn(text),
  };
}

const blocks = v.record(v.string(), v.array(v.record(v.string(), v.unknown())));
const terraform = v.object({
  locals: v.array(v.object({ rules: v.record(v.string(), ruleSchema) })),
  data: v.object({ aws_iam_policy_document: blocks }),
  resource: v.object({ aws_sqs_queue: blocks, aws_autoscaling_lifecycle_hook: blocks }),
  variable: v.record(v.string(), v.unknown()),
});

/** Reads a module of Terraform, all of its files as one text. @throws when it is none */
export async function readModule(text: string): Promise<Infrastructure> {
  const { locals, data, resource, variable } = v.parse(terraform, await parseHcl('module.tf', text));
  const documents = data.aws_iam_policy_document;
  return {
    rules: locals.flatMap(({ rules }) => Object.values(rules)),
    rights: sorted(textsAt(documents.processor, 'actions')),
    conditions: asked(textsAt([documents.queue, documents.processor], 'variable')),
    writers: sorted((documents.queue ?? []).flatMap(({ statement }) => asList(statement).flatMap(writersOfBlock))),
    retentionSeconds: Object.values(resource.aws_sqs_queue).flatMap((queues) =>
      queues.map(({ message_retention_seconds }) => Number(message_retention_seconds)),
    ),
    hooks: sorted(
      Object.values(resource.aws_autoscaling_lifecycle_hook).flatMap((hooks) =>
        hooks.map(
          ({ lifecycle_transition, default_result }) => `${String(lifecycle_transition)} ${String(default_result)}`,
        ),
      ),
    ),
    // A stack has tags of its own.
    parameters: sorted(
      Object.keys(variable)
        .filter((name) => name !== 'tags')
        .map(lettersOf),
    ),
    trusts: trustsIn(text),
  };
}

const ANYBODY = ['anybody'];

const policy = v.object({ Statement: v.array(v.record(v.string(), v.unknown())) });
const bySource = v.object({ ArnEquals: v.object({ 'aws:SourceArn': texts }) });

/** Whom the statements of a policy let write. */
function writersIn(document: unknown): readonly string[] {
  return v.parse(policy, document).Statement.flatMap(({ Effect, Condition }) => {
    if (Effect !== 'Allow') return [];
    return v.is(bySource, Condition) ? Condition.ArnEquals['aws:SourceArn'] : ANYBODY;
  });
}

const sourceCondition = v.object({
  test: v.literal('ArnEquals'),
  variable: v.literal('aws:SourceArn'),
  values: v.unknown(),
});

/** The same of a statement of Terraform. */
function writersOfBlock(statement: unknown): readonly string[] {
  if (!isRecord(statement) || statement.effect === 'Deny') return [];
  const sources = asList(statement.condition).filter((condition) => v.is(sourceCondition, condition));
  return sources.length === 0 ? ANYBODY : sources.map(({ values }) => String(values));
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Where two ways to the same infrastructure differ, a sentence each. */
export function differences(one: Infrastructure, other: Infrastructure): readonly string[] {
  // Whom the queue takes messages from is spelled differently; each is compared with its own rules.
  const inOrder = ({
    rules,
    writers: _writers,
    ...rest
  }: Infrastructure): Readonly<Record<string, readonly unknown[]>> => ({
    ...rest,
    rules: sorted(
      rules.map((rule) =>
        JSON.stringify([rule.source, sorted(rule['detail-type']), Object.entries(rule.detail ?? {}).sort()]),
      ),
    ),
  });
  const [left, right] = [inOrder(one), inOrder(other)];
  return Object.keys(left).flatMap((key) => {
    const [a, b] = [left[key]?.join(', ') ?? '', right[key]?.join(', ') ?? ''];
    return a === b ? [] : [`${key}: ${a} in one, ${b} in the other`];
  });
}

/** Whether a rule lets an event through. */
export function matches(rule: EventRule, event: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(rule).every(([key, wanted]) => {
    const value = event[key];
    if (Array.isArray(wanted)) return wanted.some((one) => one === value);
    return (
      isRecord(value) && Object.entries(wanted ?? {}).every(([inner, ones]) => ones.includes(String(value[inner])))
    );
  });
}

/** Every text under a key, however deep. */
export function textsAt(value: unknown, key: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => textsAt(item, key));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === key ? [inner].flat().filter((text) => typeof text === 'string') : textsAt(inner, key),
  );
}

/** Every key, however deep. */
function keysIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(keysIn);
  return isRecord(value) ? [...Object.keys(value), ...Object.values(value).flatMap(keysIn)] : [];
}

function asked(names: readonly string[]): readonly string[] {
  return sorted(names.filter((name) => /^(aws|autoscaling):/.test(name)));
}

function trustsIn(text: string): readonly string[] {
  return sorted(text.match(/pods\.eks\.amazonaws\.com|sts:AssumeRoleWithWebIdentity/g) ?? []);
}

function lettersOf(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

function sorted(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}
