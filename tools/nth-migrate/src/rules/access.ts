import { charts, isOff, isOn, isUnset, isValues } from '../values.ts';
import type { Values } from '../values.ts';
import { shown, texts } from './readings.ts';
import { asked, changed, dropped, kept, ofParts, toEach } from './rule.ts';
import type { Account, Outcome, Rule, Situation } from './rule.ts';

/** The name that the Go handler's chart gives its service account in a release of the usual name. */
const usualAccountName = 'aws-node-termination-handler';

/** The pods' account: one that the new release makes, the old release's that is handed over, or one that was made elsewhere. */
export const serviceAccountRule: Rule = {
  fate: 'changed',
  about:
    'One that was made elsewhere (`create: false`) is kept. One that the old release made is its own: the new release makes another, with the same annotations, or takes the old one over (`--keep-service-account`).',
  apply: ofParts((value, name, situation) => {
    if (isOff(value.create)) return keptAccount(value, name, [kept(name)]);
    if (situation.keepsServiceAccount) return keptAccount(value, name, [changed(name, handedOver)]);
    const annotations = isUnset(value.annotations) ? undefined : texts(value.annotations);
    const accounts: Account[] = [kept(name)];
    if (!isUnset(value.name)) accounts.push(dropped(`${name}.name`, ownAccount));
    if (annotations !== undefined) accounts.push(changed(`${name}.annotations`, roleTrust));
    const given = annotations !== undefined && annotations.unclear === undefined ? annotations.value : undefined;
    return { to: given === undefined ? {} : toEach(charts, { [name]: { annotations: given } }), accounts };
  }),
};

const handedOver =
  'The new release uses the account of the old one, and does not make it. Before you uninstall the old release, tell Helm to leave the account where it is: `kubectl annotate serviceaccount NAME helm.sh/resource-policy=keep`.';
const ownAccount =
  'Both releases would own the account of that name, and Helm refuses to install the second. The new one has the name of its release.';
const roleTrust =
  'They go over to the new account. A role for IRSA trusts accounts by name: let its trust policy name the new one as well (`system:serviceaccount:NAMESPACE:RELEASE`); with EKS Pod Identity, create an association for it. Or keep the old account: `--keep-service-account`.';

function keptAccount(value: Values, name: string, accounts: readonly Account[]): Outcome {
  const account = {
    create: false,
    name: isUnset(value.name) ? (isOff(value.create) ? '' : usualAccountName) : value.name,
  };
  const { name: given, ...rest } = account;
  return { to: toEach(charts, { [name]: given === '' ? rest : account }), accounts };
}

/** Rights in the cluster. */
export const rbacRule: Rule = {
  fate: 'changed',
  about: '`rbac.create` is kept; PodSecurityPolicy, and `rbac.pspEnabled` with it, ended with Kubernetes 1.25.',
  apply: ofParts((value, name) => {
    const accounts = Object.keys(value).map((part) =>
      part === 'create'
        ? kept(`${name}.create`)
        : dropped(`${name}.${part}`, 'PodSecurityPolicy ended with Kubernetes 1.25.'),
    );
    const to = value.create === undefined ? {} : toEach(charts, { [name]: { create: isOn(value.create) } });
    return { to, accounts };
  }),
};

const officialImages = ['public.ecr.aws/aws-ec2/aws-node-termination-handler', 'amazon/aws-node-termination-handler'];

/** The image is another; how it is pulled stays. */
export const imageRule: Rule = {
  fate: 'changed',
  about:
    'Repository and tag named another image. The pull policy is kept, and so are the pull secrets: a list of names.',
  apply: ofParts((value, name) => {
    const accounts: Account[] = [];
    const to: Record<string, unknown> = {};
    for (const [part, given] of Object.entries(value)) {
      const whole = `${name}.${part}`;
      if (isUnset(given)) accounts.push(kept(whole));
      else if (part === 'pullPolicy') {
        to.pullPolicy = given;
        accounts.push(kept(whole));
      } else if (part === 'pullSecrets') {
        const names = secretNames(given);
        to.pullSecrets = names;
        const isSame = JSON.stringify(names) === JSON.stringify(given);
        accounts.push(isSame ? kept(whole) : changed(whole, 'It is a list of names: `[a]` for `[{name: a}]`.'));
      } else if (part === 'repository' && !officialImages.includes(String(given))) {
        accounts.push(
          asked(whole, `${shown(given)} is a mirror of yours: mirror the new images, and set \`image.repository\`.`),
        );
      } else accounts.push(dropped(whole, 'The new programs have images of their own.'));
    }
    return { to: Object.keys(to).length === 0 ? {} : toEach(charts, { image: to }), accounts };
  }),
};

/** Names of secrets, as Kubernetes writes them or bare. */
function secretNames(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((entry) => String(isValues(entry) ? entry.name : entry));
}

/** User and group of the container won over those of the pod, and stand there now. */
function podContext({ values }: Situation): Values {
  const given = isValues(values.securityContext) ? values.securityContext : {};
  const user = given.runAsUser ?? given.runAsUserID;
  const group = given.runAsGroup ?? given.runAsGroupID;
  return {
    ...(isValues(values.podSecurityContext) ? values.podSecurityContext : {}),
    ...(isUnset(user) ? {} : { runAsUser: Number(user) }),
    ...(isUnset(group) ? {} : { runAsGroup: Number(group) }),
  };
}

/** What the container may do. */
export const securityContextRule: Rule = {
  fate: 'changed',
  about:
    'User and group stand in `podSecurityContext`; the rest is as strict as it can be by default (no capabilities, read-only root).',
  apply: ofParts((value, name, situation) => {
    const context = podContext(situation);
    const users = new Set(['runAsUser', 'runAsUserID', 'runAsGroup', 'runAsGroupID']);
    const accounts = Object.keys(value).map((part) =>
      users.has(part)
        ? changed(`${name}.${part}`, 'It stands in `podSecurityContext`.')
        : dropped(`${name}.${part}`, 'The charts’ own is as strict as it can be.'),
    );
    return { to: Object.keys(context).length === 0 ? {} : toEach(charts, { podSecurityContext: context }), accounts };
  }),
};

/** What the pod may do. */
export const podSecurityContextRule: Rule = {
  fate: 'kept',
  about: '',
  apply: ofParts((_, name, situation) => {
    return { to: toEach(charts, { [name]: podContext(situation) }), accounts: [kept(name)] };
  }),
};
