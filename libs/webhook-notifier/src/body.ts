import { systemClock } from '@node-termination-handler/clock';
import { defaultBody } from './default-body.ts';
import { InvalidWebhookOptionError } from './errors.ts';
import type { WebhookNotification } from './notification.ts';
import type { CheckedOptions, WebhookNotifierOptions } from './options.ts';
import type { Preset } from './presets/facts.ts';
import { compileWebhookTemplate } from './template.ts';

/** How bodies are written, and what follows from that for the requests that carry them. */
export interface Body {
  /** Writes the body of one notification. @throws {@link TemplateError} when a template fails on it. */
  readonly render: (notification: WebhookNotification) => Buffer;
  /** Where they go, and with which headers. */
  readonly options: CheckedOptions;
}

/**
 * Finds out how bodies are written: by a preset, by a template of the user's own, or as the default is.
 *
 * @throws {@link InvalidWebhookOptionError} when there are both a preset and a template, or the address has not the key that the preset needs.
 * @throws {@link InvalidTemplateError} when the template can't be used.
 */
export async function bodyOf(
  options: CheckedOptions,
  { template, preset, templateEnv: env, clock = systemClock }: WebhookNotifierOptions,
): Promise<Body> {
  if (preset !== undefined) {
    if (template !== undefined)
      throw new InvalidWebhookOptionError([{ option: 'preset', message: 'and template are both given: give one' }]);
    // Loaded, as the template engine is, by those alone who have one.
    const { PRESETS } = await import('./presets/presets.ts');
    const { key, url } = takeKey(options.url, preset, PRESETS[preset]);
    const { compileBody } = await import('./template-body.ts');
    const { render } = await compileBody(PRESETS[preset].template, { clock, env, key });
    const headers = withContentType(options.headers, PRESETS[preset].contentType);
    return { render, options: { ...options, url, headers } };
  }
  if (template !== undefined)
    return { options, render: (await compileWebhookTemplate(template, { clock, env })).render };
  return { options, render: (notification) => Buffer.from(defaultBody(notification)) };
}

/** Takes the key that belongs into the body out of the address, where others on the way would read it. */
function takeKey(
  url: URL,
  preset: string,
  { keyParameter }: Preset,
): { readonly url: URL; readonly key?: string | undefined } {
  if (keyParameter === undefined) return { url };
  const { name, pattern, means } = keyParameter;
  const key = url.searchParams.get(name) ?? '';
  if (!pattern.test(key)) {
    const message = `must end with ?${name}=… for the preset ${preset}: ${means}`;
    throw new InvalidWebhookOptionError([{ option: 'url', message }]);
  }
  const bare = new URL(url);
  bare.searchParams.delete(name);
  return { url: bare, key };
}

function withContentType(headers: CheckedOptions['headers'], contentType: string): CheckedOptions['headers'] {
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-type');
  return { 'Content-type': contentType, ...Object.fromEntries(others) };
}

/** An event as many are, on which a body is tried. */
const USUAL: WebhookNotification = {
  phase: 'drained',
  summary: 'The node is drained after 42 s; pods: 12 evicted',
  podCounts: { evicted: 12 },
  durationMs: 42_000,
  metadata: {
    region: 'eu-west-1',
    availabilityZone: 'eu-west-1a',
    accountId: '123456789012',
    instanceType: 'm5.large',
  },
  event: {
    eventId: 'spot-itn-0f1e2d3c',
    kind: 'SPOT_ITN',
    description: 'Spot ITN received. Instance will be interrupted at 2026-01-02T03:04:05Z',
    nodeName: 'ip-10-0-0-1.eu-west-1.compute.internal',
    nodeLabels: { 'kubernetes.io/os': 'linux' },
    pods: ['web-1'],
    instanceId: 'i-0123456789abcdef0',
    startTime: new Date('2026-01-02T03:04:05Z'),
  },
};

/**
 * Says what a receiver would stumble over in the bodies of a template, in one sentence; `undefined` when nothing was found.
 *
 * @throws {@link InvalidWebhookOptionError} and {@link InvalidTemplateError} as {@link bodyOf} does.
 */
export async function bodyWarning(
  checked: CheckedOptions,
  options: WebhookNotifierOptions,
): Promise<string | undefined> {
  const body = await bodyOf(checked, options);
  const [, contentType = ''] =
    Object.entries(body.options.headers).find(([name]) => name.toLowerCase() === 'content-type') ?? [];
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType)) return undefined;
  try {
    JSON.parse(body.render(USUAL).toString());
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `the template writes a body that is no JSON (${reason}), and the header Content-type says ${contentType}; {{ .Description | toJson }} writes a field as JSON does`;
  }
}
