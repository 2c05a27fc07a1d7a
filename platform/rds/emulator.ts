import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { Sha256 } from "@aws-crypto/sha256-js";
import {
  AddTagsToResourceCommand,
  DBInstance,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  ModifyDBParameterGroupCommand,
  paginateDescribeDBParameters,
  RDSClient,
  RemoveTagsFromResourceCommand,
  ResetDBParameterGroupCommand,
} from "@aws-sdk/client-rds";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import { Parameters } from "./configuration";

const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

export interface Answer {
  status: number;
  body: string;
}

/** A region of an account. */
export interface Owner {
  region: string;
  account: string;
}

interface MasterSecret {
  username: string;
  kmsKeyId: string;
  /** Of the instance. */
  identifier: string;
}

/** The AWS emulator behind the local RDS: it keeps the records, and the secrets of masters. */
export class Emulator {
  private readonly rds: RDSClient;
  private readonly secrets: SecretsManagerClient;
  private readonly sns: SNSClient;
  private readonly sts: STSClient;

  constructor(
    private readonly url: string,
    private readonly region: string,
  ) {
    const configuration = { endpoint: url, region, credentials: CREDENTIALS };
    this.rds = new RDSClient(configuration);
    this.secrets = new SecretsManagerClient(configuration);
    this.sns = new SNSClient(configuration);
    this.sts = new STSClient(configuration);
  }

  /** Hands a request on as it came, signature and all. */
  async forward(headers: Record<string, string>, body: string): Promise<Answer> {
    // Not fetch: it puts a host of its own in, and the caller's is signed.
    const sent = request(this.url, { method: "POST", headers });
    sent.end(body);
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    return { status: answer.statusCode ?? 502, body: await text(answer) };
  }

  /** What AWS would answer whoever has no right to the request; undefined if they have (platform/emulator/emulator_resources.py). */
  async refusal(headers: Record<string, string>, body: string): Promise<Answer | undefined> {
    const answer = await this.forward({ ...headers, "x-local-rds-asks": "true" }, body);
    return answer.body.includes("Somebody who may do it") ? undefined : answer;
  }

  /** Sends a request of which something was changed, signed anew. */
  async send(form: URLSearchParams): Promise<Answer> {
    const { hostname, port } = new URL(this.url);
    const signer = new SignatureV4({ credentials: CREDENTIALS, region: this.region, service: "rds", sha256: Sha256 });
    const signed = await signer.sign({
      method: "POST",
      protocol: "http:",
      hostname,
      port: Number(port),
      path: "/",
      headers: { host: `${hostname}:${port}`, "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    });
    return this.forward(signed.headers, form.toString());
  }

  /** What was set in a parameter group by its user. */
  async parameters(group: string): Promise<Parameters> {
    const parameters: Parameters = {};
    const pages = paginateDescribeDBParameters({ client: this.rds }, { DBParameterGroupName: group, Source: "user" });
    for await (const { Parameters: page = [] } of pages) {
      for (const { ParameterName, ParameterValue } of page) {
        if (ParameterName !== undefined && ParameterValue !== undefined) {
          parameters[ParameterName] = ParameterValue;
        }
      }
    }
    return parameters;
  }

  /** The record of an instance. */
  async instance(DBInstanceIdentifier: string): Promise<DBInstance> {
    const { DBInstances } = await this.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
    return DBInstances?.[0] as DBInstance;
  }

  /** Puts back what an upgrade that failed has changed of a record. */
  async putBack({ DBInstanceIdentifier, EngineVersion, DBParameterGroups }: DBInstance): Promise<void> {
    const DBParameterGroupName = DBParameterGroups?.[0]?.DBParameterGroupName;
    const change = { DBInstanceIdentifier, EngineVersion, DBParameterGroupName, ApplyImmediately: true };
    await this.rds.send(new ModifyDBInstanceCommand(change));
  }

  /** Puts parameters of a group back to what they were. */
  async restore(group: string, names: string[], before: Parameters): Promise<void> {
    const entries = names.map((name) => ({
      ParameterName: name,
      ParameterValue: before[name],
      ApplyMethod: "pending-reboot" as const,
    }));
    const changed = entries.filter(({ ParameterValue }) => ParameterValue !== undefined);
    const added = entries.filter(({ ParameterValue }) => ParameterValue === undefined);
    if (changed.length > 0) {
      await this.rds.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName: group, Parameters: changed }));
    }
    if (added.length > 0) {
      await this.rds.send(new ResetDBParameterGroupCommand({ DBParameterGroupName: group, Parameters: added }));
    }
  }

  /** `postgres17`: what the group's parameters are for. */
  async family(group: string): Promise<string> {
    const { DBParameterGroups = [] } = await this.rds.send(
      new DescribeDBParameterGroupsCommand({ DBParameterGroupName: group }),
    );
    return DBParameterGroups[0]?.DBParameterGroupFamily ?? "";
  }

  /** The secret in which RDS keeps a master's password, under the name that RDS gives it. */
  async createMasterSecret({ username, kmsKeyId, identifier }: MasterSecret) {
    const password = randomBytes(24).toString("base64url");
    const { region, account } = await this.owner();
    const { ARN } = await this.secrets.send(
      new CreateSecretCommand({
        Name: `rds!db-${randomUUID()}`,
        Description: "The secret associated with the primary RDS DB instance",
        KmsKeyId: kmsKeyId || undefined,
        // By this policies know whose it is (Secrets Manager's managed policies for RDS name it).
        Tags: [{ Key: "aws:rds:primaryDBInstanceArn", Value: `arn:aws:rds:${region}:${account}:db:${identifier}` }],
        SecretString: JSON.stringify({ username, password }),
      }),
    );
    return { arn: ARN as string, password };
  }

  /** A new password for the master; the one before stays readable as AWSPREVIOUS. */
  async rotateMasterSecret(arn: string, username: string): Promise<string> {
    const password = randomBytes(24).toString("base64url");
    const SecretString = JSON.stringify({ username, password });
    await this.secrets.send(new PutSecretValueCommand({ SecretId: arn, SecretString }));
    return password;
  }

  async deleteSecret(arn: string): Promise<void> {
    await this.secrets.send(new DeleteSecretCommand({ SecretId: arn, ForceDeleteWithoutRecovery: true }));
  }

  /** Whose the resources are that are made here. */
  async owner(): Promise<Owner> {
    const { Account } = await this.sts.send(new GetCallerIdentityCommand({}));
    return { region: this.region, account: Account as string };
  }

  topicExists(arn: string): Promise<boolean> {
    return exists(this.sns.send(new GetTopicAttributesCommand({ TopicArn: arn })), "NotFoundException");
  }

  instanceExists(identifier: string): Promise<boolean> {
    const call = this.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }));
    return exists(call, "DBInstanceNotFoundFault");
  }

  /** Gives tags to what the emulator itself does not know: it keeps them for any ARN. */
  async tag(arn: string, tags: { Key: string; Value: string }[]): Promise<void> {
    await this.rds.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags: tags }));
  }

  /** Takes all of them away. */
  async untag(arn: string): Promise<void> {
    const { TagList = [] } = await this.rds.send(new ListTagsForResourceCommand({ ResourceName: arn }));
    const TagKeys = TagList.map(({ Key }) => Key as string);
    await this.rds.send(new RemoveTagsFromResourceCommand({ ResourceName: arn, TagKeys }));
  }
}

/** Whether the call finds what it is about; any other failure stays one. */
async function exists(call: Promise<unknown>, missing: string): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if ((error as Error).name === missing) {
      return false;
    }
    throw error;
  }
}
