import type { LoggerOptions } from '@node-termination-handler/logger';
import type { SharedSettings } from './shared-settings.ts';

/** Says how a program logs; whatever is a secret among its settings never appears in a line. */
export function loggerOptions(settings: SharedSettings, name: string, version: string): LoggerOptions {
  const { webhookUrl, webhookProxy, webhookHeaders } = settings;
  return {
    level: settings.logLevel,
    json: settings.jsonLogging,
    formatVersion: settings.logFormatVersion,
    name,
    version,
    secrets: [webhookUrl, webhookProxy, ...secretHeaders(webhookHeaders)].filter((secret) => secret !== undefined),
  };
}

/** Values that could be credentials; `application/json` must stay readable in other lines. */
function secretHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    /^(content-type|accept|user-agent)$/i.test(name) ? [] : [value],
  );
}
