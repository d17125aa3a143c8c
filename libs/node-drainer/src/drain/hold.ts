/** What keeps a pod from being ended. */
export interface Hold {
  /**
   * A PodDisruptionBudget; an admission webhook or a ValidatingAdmissionPolicy that refuses this pod; a rule that is missing
   * from the role; no answer that says anything; or a rule of the drain, by which the pod stays.
   */
  readonly kind: 'budget' | 'webhook' | 'policy' | 'role' | 'fault' | 'rule';
  /** Its name, where the server told it. */
  readonly name?: string;
}

const WORDS: Readonly<Record<Hold['kind'], string>> = {
  budget: 'disruption budget',
  webhook: 'admission webhook',
  policy: 'admission policy',
  role: 'a missing right',
  fault: 'a fault of the API server',
  rule: 'a rule of the drain',
};

/** What holds a pod, in words: `admission webhook no.example.com`. */
export function nameOfHold({ kind, name }: Hold): string {
  return name === undefined ? WORDS[kind] : `${WORDS[kind]} ${name}`;
}
