import { expect, it } from 'vitest';
import { run } from '../command.ts';
import { playGettingStarted } from './getting-started.ts';
import { standInFor } from './stand-ins.ts';

const block = (commands: string) => ({ file: 'page.md', line: 1, commands });

it('tells of commands that would not do, and of what the page promises and does not come to pass', async () => {
  const deploy = 'aws cloudformation deploy --template-file docs/aws/cloudformation.yaml';
  const { problems = [] } = await playGettingStarted(
    [
      block(`${deploy} --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --parameter-overrides Groups=workers-a`),
      block(`${deploy} --capabilities CAPABILITY_IAM --parameter-overrides ClusterName=x`),
      block('aws s3 ls'),
      block('terraform -chdir=docs/aws/terraform apply -var groups=a'),
      block('helm upgrade --install x oci://ghcr.io/else --namespace kube-system'),
      block('docs/aws/tag-groups.sh nobody'),
    ],
    'no helm: nothing is rendered',
  );
  const all = problems.join('\n');
  for (const words of [
    'no parameter Groups',
    'InsufficientCapabilities: CAPABILITY_AUTO_EXPAND',
    'aws s3 ls: the sandbox has nothing for it',
    'no variable groups',
    'there is no chart oci://ghcr.io/else',
    'there is no group nobody',
    'ip-10-0-1-10.ec2.internal is not cordoned',
    'the lifecycle action of i-0123456789abcdef0 is not completed',
    'the log has no "message deleted"',
  ])
    expect(all).toContain(words);
});

it('stands in for a command: what it prints, and how it fails', async () => {
  await using standIns = await standInFor({
    greet: (args) => {
      if (args.length === 0) throw new Error('whom?');
      return `hello ${args.join(' ')}\n`;
    },
  });
  const greet = (...args: string[]) => run(`${standIns.folder}/greet`, args);
  expect(await greet('a b', 'c')).toMatchObject({ code: 0, stdout: 'hello a b c\n' });
  expect(await greet()).toMatchObject({ code: 1, stderr: 'greet : whom?\n' });
});
