/** A spot interruption notice. `time` is when the instance goes, a Date or the text as it stands in the document. */
export interface SpotInterruption {
  readonly action: 'terminate' | 'stop' | 'hibernate';
  readonly time: Date | string;
}

/** A scheduled event, in the names of the document. Dates are written as the service writes them. */
export interface ImdsScheduledEvent {
  readonly EventId: string;
  readonly Code: 'instance-stop' | 'instance-retirement' | 'instance-reboot' | 'system-reboot' | 'system-maintenance';
  readonly State: 'active' | 'completed' | 'canceled';
  readonly NotBefore: Date | string;
  /** Missing in some events of the real service; `''` in others. */
  readonly NotAfter?: Date | string;
  readonly Description: string;
}

/** `2026-01-02T03:04:05Z`: how spot and rebalance notices write a time. */
export function isoSeconds(time: Date | string): string {
  return typeof time === 'string' ? time : `${time.toISOString().slice(0, 19)}Z`;
}

/** `21 Jan 2019 09:00:43 GMT`: how scheduled events write a time. */
export function scheduledEventTime(time: Date | string): string {
  return typeof time === 'string' ? time : time.toUTCString().replace(/^[A-Za-z]{3}, /, '');
}

/**
 * The body of `spot/instance-action`.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
export function spotInstanceAction(notice: SpotInterruption): string {
  return JSON.stringify({ action: notice.action, time: isoSeconds(notice.time) });
}

/**
 * The body of `events/recommendations/rebalance`.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
 */
export function rebalanceRecommendation(noticeTime: Date | string): string {
  return JSON.stringify({ noticeTime: isoSeconds(noticeTime) });
}

/**
 * The body of `events/maintenance/scheduled`.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_scheduled_events.html
 */
export function scheduledEvents(events: readonly ImdsScheduledEvent[]): string {
  const documents = events.map((event) => ({
    NotBefore: scheduledEventTime(event.NotBefore),
    Code: event.Code,
    Description: event.Description,
    EventId: event.EventId,
    ...(event.NotAfter !== undefined && { NotAfter: scheduledEventTime(event.NotAfter) }),
    State: event.State,
  }));
  return JSON.stringify(documents, undefined, 2);
}

/** The names directly below a path, as the service lists them: a folder ends in `/`. Undefined when there are none. */
export function listing(paths: Iterable<string>, folder: string): string | undefined {
  const prefix = folder === '' || folder.endsWith('/') ? folder : `${folder}/`;
  const names = new Set<string>();
  for (const path of paths) {
    if (!path.startsWith(prefix)) continue;
    const [name = '', ...rest] = path.slice(prefix.length).split('/');
    names.add(rest.length > 0 ? `${name}/` : name);
  }
  return names.size === 0 ? undefined : [...names].sort().join('\n');
}
