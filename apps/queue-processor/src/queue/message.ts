/** One delivery of a message. */
export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** Names this delivery in calls that delete it or change its visibility. */
  readonly receiptHandle: string;
  /** When the sender put it on the queue; absent when the service does not say. */
  readonly sentAt?: Date;
  /** How often it has been delivered, this time included. */
  readonly receiveCount: number;
}
