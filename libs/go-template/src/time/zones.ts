import { UTC } from './time.ts';
import type { Zone, ZoneState } from './time.ts';
import { ZONE_ABBREVIATIONS } from './zone-abbreviations.ts';

/**
 * Go's `time.LoadLocation`: the zone of an IANA name, spelled exactly so.
 *
 * @returns `undefined` for a name that is none.
 */
export function loadZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC') return UTC;
  if (name === 'Local') return localZone();
  const loaded = zones.get(name);
  if (loaded !== undefined) return loaded;
  const abbreviations = abbreviationsOf(name);
  if (abbreviations === undefined) return undefined;
  const zone = ianaZone(name, abbreviations);
  zones.set(name, zone);
  return zone;
}

/** The zone this process runs in, as `TZ` or the system says. */
export function localZone(): Zone {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return timeZone === 'UTC' || timeZone === 'Etc/UTC' ? UTC : (loadZone(timeZone) ?? UTC);
}

const zones = new Map<string, Zone>();

/** Abbreviations of a zone: in the part of the year when its clocks are behind, and when they are ahead. */
function abbreviationsOf(name: string): readonly [behind: string, ahead: string] | undefined {
  for (const [abbreviations, names] of Object.entries(ZONE_ABBREVIATIONS)) {
    if (` ${names} `.includes(` ${name} `)) {
      const [behind = '', ahead = behind] = abbreviations.split('/');
      return [behind, ahead];
    }
  }
  return undefined;
}

const QUARTER_SECONDS = 91 * 86_400;

/** `+02`, `-0330`. */
function offsetName(offsetSeconds: number): string {
  const minutes = Math.floor(Math.abs(offsetSeconds) / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
  return `${offsetSeconds < 0 ? '-' : '+'}${hours}${rest === '00' ? '' : rest}`;
}

function ianaZone(name: string, [behind, ahead]: readonly [string, string]): Zone {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsetAt = (unixSeconds: number): number => {
    const field = new Map(clock.formatToParts(unixSeconds * 1000).map(({ type, value }) => [type, Number(value)]));
    const here = new Date(unixSeconds * 1000);
    // The calendar counts the years before its first one backwards: the right year is the one that is nearest.
    const differences = [-1, 0, 1].map((shift) => {
      const local = new Date(0);
      local.setUTCFullYear(here.getUTCFullYear() + shift, (field.get('month') ?? 1) - 1, field.get('day'));
      local.setUTCHours(field.get('hour') ?? 0, field.get('minute'), field.get('second'));
      return local.getTime() / 1000 - Math.floor(unixSeconds);
    });
    return differences.reduce((a, b) => (Math.abs(b) < Math.abs(a) ? b : a));
  };
  return {
    name,
    stateAt(unixSeconds): ZoneState {
      const offsetSeconds = offsetAt(unixSeconds);
      const around = [-2, -1, 1, 2].map((quarters) => offsetAt(unixSeconds + quarters * QUARTER_SECONDS));
      const isDaylightSaving = offsetSeconds > Math.min(...around);
      // Where the abbreviation is the offset, it is that of the day, whatever the rules are now.
      const abbreviation = /^[-+]/.test(behind) ? offsetName(offsetSeconds) : isDaylightSaving ? ahead : behind;
      return { abbreviation, offsetSeconds, isDaylightSaving };
    },
  };
}
