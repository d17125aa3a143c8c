/**
 * What happened to the node, so that a receiver can be told at the notice, at the end, or both.
 *
 * Which of them are told is the caller's choice: the notifier sends every notification it is given.
 */
export type NotificationPhase = 'received' | 'cordoned' | 'overdue' | 'drained' | 'failed' | 'uncordoned' | 'cancelled';

/**
 * How the work on the node stands after it: what a receiver that opens and closes alerts goes by.
 *
 * `pending`: it goes on, or is still to come; `done`: it ended well; `failed`: it did not, and is tried again; `lost`: the instance is gone, and the
 * work was not done; `over`: the interruption is; `nothing-to-do`: the event asks for nothing; `dry-run`: it would have been done.
 */
export type NotificationOutcome = 'pending' | 'done' | 'failed' | 'lost' | 'over' | 'nothing-to-do' | 'dry-run';

/** What is known of the instance, whatever the event; a template reads it as `.NodeMetadata.X`, or `.X` for short. */
export interface NotificationMetadata {
  /** `.AccountId` */
  readonly accountId?: string | undefined;
  /** `.NodeMetadata.InstanceID`; `.InstanceID` is the event's own, and this one when the event has none. */
  readonly instanceId?: string | undefined;
  /** `.InstanceLifeCycle`: `spot`, `on-demand`, `scheduled` or `capacity-block`. */
  readonly instanceLifeCycle?: string | undefined;
  /** `.NodeMetadata.InstanceType`; `.InstanceType` is the event's own, and this one when the event has none. */
  readonly instanceType?: string | undefined;
  /** `.PublicHostname` */
  readonly publicHostname?: string | undefined;
  /** `.PublicIP` */
  readonly publicIp?: string | undefined;
  /** `.LocalHostname` */
  readonly localHostname?: string | undefined;
  /** `.LocalIP`; `toJson` calls it `privateIp`. */
  readonly localIp?: string | undefined;
  /** `.AvailabilityZone` */
  readonly availabilityZone?: string | undefined;
  /** `.Region` */
  readonly region?: string | undefined;
}

/** The interruption a notification is about; a template reads it as `.InterruptionEvent.X`, or `.X` for short. */
export interface NotificationEvent {
  /** `.EventID` */
  readonly eventId: string;
  /** `.Kind`: `SPOT_ITN`, `SCHEDULED_EVENT`, … */
  readonly kind: string;
  /** `.Monitor`: `SQS_MONITOR`, `SPOT_ITN_MONITOR`, … */
  readonly monitor?: string | undefined;
  /** `.Description`; line breaks in it are turned into blanks, for receivers that take one line. */
  readonly description?: string | undefined;
  /** `.State` */
  readonly state?: string | undefined;
  /** `.AutoScalingGroupName` */
  readonly autoScalingGroupName?: string | undefined;
  /** `.NodeName` */
  readonly nodeName?: string | undefined;
  /** `.NodeLabels` */
  readonly nodeLabels?: Readonly<Record<string, string>> | undefined;
  /** `.Pods`: the names of the pods on the node. */
  readonly pods?: readonly string[] | undefined;
  /** `.InstanceID` */
  readonly instanceId?: string | undefined;
  /** `.ProviderID` */
  readonly providerId?: string | undefined;
  /** `.InstanceType` */
  readonly instanceType?: string | undefined;
  /** `.IsManaged` */
  readonly isManaged?: boolean | undefined;
  /** `.StartTime`; absent is Go's zero time, `0001-01-01 00:00:00 +0000 UTC`. */
  readonly startTime?: Date | undefined;
  /** `.EndTime`; absent is Go's zero time. */
  readonly endTime?: Date | undefined;
  /** `.NodeProcessed` */
  readonly nodeProcessed?: boolean | undefined;
  /** `.InProgress` */
  readonly inProgress?: boolean | undefined;
}

/** One message to be told: an event, the instance it is about, and how far the work on it has come. */
export interface WebhookNotification {
  /** `.Phase` in a template; left out by `toJson .` and `{{ . }}`, which keep the shape existing receivers know. */
  readonly phase: NotificationPhase;
  /** `.Outcome`, like all that follows here left out by `toJson .` Default: what the phase alone says. */
  readonly outcome?: NotificationOutcome | undefined;
  /** `.Summary`: what has happened, in one sentence for people. */
  readonly summary?: string | undefined;
  /** `.Reason`: why it failed, or is over. */
  readonly reason?: string | undefined;
  /** `.PodCounts`: how many pods came to which end, such as `evicted` or `deleted-past-budget`. */
  readonly podCounts?: Readonly<Record<string, number>> | undefined;
  /** `.Duration`: how long the drain took. */
  readonly durationMs?: number | undefined;
  /** `.OtherEvents`: the ids of the other events of the node that it holds for. */
  readonly otherEvents?: readonly string[] | undefined;
  readonly metadata: NotificationMetadata;
  readonly event: NotificationEvent;
}

/** The outcome of a notification: its own, else the usual one of its phase. */
export function outcomeOf({ outcome, phase }: Pick<WebhookNotification, 'outcome' | 'phase'>): NotificationOutcome {
  return outcome ?? USUAL_OUTCOMES[phase];
}

const USUAL_OUTCOMES: Readonly<Record<NotificationPhase, NotificationOutcome>> = {
  received: 'pending',
  cordoned: 'pending',
  overdue: 'pending',
  drained: 'done',
  failed: 'failed',
  uncordoned: 'over',
  cancelled: 'over',
};

/** How bad a notification is, in the four words that most receivers of alerts know. */
export function severityOf(notification: WebhookNotification): 'info' | 'warning' | 'error' | 'critical' {
  switch (outcomeOf(notification)) {
    case 'lost':
      return 'critical';
    case 'failed':
      return 'error';
    case 'pending':
      return notification.phase === 'overdue' ? 'warning' : 'info';
    case 'done':
    case 'over':
    case 'nothing-to-do':
    case 'dry-run':
      return 'info';
  }
}
