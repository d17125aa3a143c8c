import { alertmanager } from './alertmanager.ts';
import { cloudevents } from './cloudevents.ts';
import { discord } from './discord.ts';
import type { Preset } from './facts.ts';
import { googleChat } from './google-chat.ts';
import { opsgenie } from './opsgenie.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { teams } from './teams.ts';

/** The receivers whose bodies come with the program, by name. */
export const PRESETS = {
  slack,
  teams,
  pagerduty,
  opsgenie,
  discord,
  'google-chat': googleChat,
  alertmanager,
  cloudevents,
} as const satisfies Readonly<Record<string, Preset>>;

/** The name of a receiver whose messages are written for it. */
export type PresetName = keyof typeof PRESETS;
