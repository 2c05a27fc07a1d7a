import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { withContext } from "../shared/context";
import { withCures } from "./errors";
import { Clients, ensureFoundation } from "./foundation";
import { Foundation, stateBucketName } from "./names";
import { nextSteps, secretsProvider, variablesOf } from "./next-steps";
import { Progress } from "./outcome";
import { Misuse, Refusal } from "../shared/errors";
import { CommonOptions, say } from "../shared/command";

export interface Options extends CommonOptions {
  application: string;
  repository: string;
  environment: string[];
  account?: string;
  stateBucket?: string;
  dryRun?: true;
}

/** From AWS_REGION, or the profile. */
async function regionOf(sts: STSClient): Promise<string> {
  return sts.config.region().catch(() => {
    throw new Misuse(
      "No AWS region is set; set AWS_REGION to the one that the stacks are to live in, e.g. eu-central-1",
    );
  });
}

/** Where the credentials lead, if that is where they are meant to. */
async function findAccount(sts: STSClient, wanted: string | undefined) {
  const region = await regionOf(sts);
  const { Account: id = "", Arn = "" } = await sts.send(new GetCallerIdentityCommand({}));
  const [, partition = "aws"] = Arn.split(":");
  if (wanted !== undefined && wanted !== id) {
    throw new Refusal(
      `The credentials belong to account ${id} (${Arn}), and --account is ${wanted}; log in to that account (AWS_PROFILE)`,
    );
  }
  say(`Account ${id}, region ${region}, as ${Arn}`);
  return { id, partition, region };
}

const overridden = () => Boolean(process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL);

/** A bucket's own host name leads nowhere where AWS is another endpoint. */
const clients = (): Clients => ({
  iam: new IAMClient({}),
  kms: new KMSClient({}),
  s3: new S3Client({ forcePathStyle: overridden() }),
});

/** Makes what the account needs, or says what it would make. */
export async function bootstrap(options: Options): Promise<object> {
  return withContext("The bootstrap", () =>
    withCures(async () => {
      const account = await findAccount(new STSClient({}), options.account);
      const { application, repository, environment, dryRun = false } = options;
      const foundation: Foundation = { account, application, repository, environments: environment };
      const bucket = options.stateBucket ?? stateBucketName(foundation);
      const progress = new Progress(dryRun);
      await ensureFoundation(clients(), progress, foundation, bucket);
      const variables = variablesOf(foundation, bucket);
      say(
        `\n${dryRun ? "Nothing was changed. After a run without --dry-run:\n\n" : ""}${nextSteps(foundation, variables)}`,
      );
      return {
        result: dryRun ? "looked" : "done",
        account,
        outcomes: progress.outcomes,
        variables,
        secretsProvider: secretsProvider(foundation),
      };
    }),
  );
}
