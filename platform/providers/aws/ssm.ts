import {
  AddTagsToResourceCommand,
  CreateDocumentCommand,
  DeleteDocumentCommand,
  DescribeDocumentCommand,
  GetDocumentCommand,
  GetParameterCommand,
  Parameter,
  RemoveTagsFromResourceCommand,
  ResourceTypeForTagging,
  UpdateDocumentCommand,
  UpdateDocumentDefaultVersionCommand,
} from "@aws-sdk/client-ssm";
import { Values } from "../protocol/model";
import { partitionOf } from "./arn";
import { AwsClients, Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { PUBLIC_PARAMETERS } from "./emulator-gaps";
import { codeOf, unlessMissing } from "./errors";
import { awsResource, each, unmodelled } from "./resource";

const GONE = "InvalidDocument";
const ResourceType: ResourceTypeForTagging = "Document";
const FORMATS = ["YAML", "JSON", "TEXT"];
const TYPES = [
  ...["Command", "Policy", "Automation", "Session", "Package", "ApplicationConfiguration"],
  ...["ApplicationConfigurationSchema", "DeploymentStrategy", "ChangeCalendar", "Automation.ChangeTemplate"],
  ...["ProblemAnalysis", "ProblemAnalysisTemplate", "CloudFormation", "ConformancePackTemplate", "QuickSetup"],
  ...["ManualApprovalPolicy", "AutoApprovalPolicy"],
];

const oneOf = (name: string, values: string[]) => ({
  validate: (value: string) =>
    values.includes(value) ? undefined : `expected ${name} to be one of ["${values.join('" "')}"], got ${value}`,
});

/** What UpdateDocument takes beside the content. */
const versionOf = (inputs: Values) => ({
  Content: inputs.content as string,
  DocumentFormat: inputs.documentFormat,
  TargetType: inputs.targetType,
  VersionName: inputs.versionName,
});

/** `aws_ssm_document`, internal/service/ssm/document.go. */
export const document = awsResource({
  title: "SSM Document",
  autoName: { property: "name", maxLength: 128 },
  properties: {
    name: {
      computed: true,
      forceNew: true,
      validate: (name: string) =>
        !/^[0-9A-Za-z_.-]+$/.test(name)
          ? "must contain only alphanumeric, underscore, hyphen, or period characters"
          : name.length < 3 || name.length > 128
            ? `expected length of name to be in the range (3 - 128), got ${name}`
            : undefined,
    },
    content: { required: true },
    documentType: { required: true, ...oneOf("documentType", TYPES) },
    documentFormat: { default: "JSON", ...oneOf("documentFormat", FORMATS) },
    targetType: {},
    versionName: {},
    ...unmodelled("attachmentsSources", "permissions"),
    ...each({ output: true }, "arn", "createdDate", "description", "hashType", "owner", "platformTypes", "status"),
    ...each({ output: true, changesOnUpdate: true }, "defaultVersion", "documentVersion", "latestVersion", "hash"),
    ...each({ output: true, changesOnUpdate: true }, "parameters", "schemaVersion"),
  },

  tag: async ({ ssm }, ResourceId, { put, remove }) => {
    if (remove.length > 0) {
      await ssm.send(new RemoveTagsFromResourceCommand({ ResourceType, ResourceId, TagKeys: remove }));
    }
    if (Object.keys(put).length > 0) {
      await ssm.send(new AddTagsToResourceCommand({ ResourceType, ResourceId, Tags: tagList(put) }));
    }
  },

  create: async ({ ssm }, inputs) => {
    const input = { Name: inputs.name as string, DocumentType: inputs.documentType, ...versionOf(inputs) };
    await ssm.send(new CreateDocumentCommand({ ...input, Tags: tagList(inputs.tagsAll as Tags) }));
    return input.Name;
  },

  read: async ({ ssm, region }, Name) => {
    const it = (await unlessMissing(ssm.send(new DescribeDocumentCommand({ Name })), GONE))?.Document;
    if (!it) {
      return undefined;
    }
    const { Content } = await ssm.send(
      new GetDocumentCommand({ Name, DocumentVersion: "$LATEST", DocumentFormat: it.DocumentFormat }),
    );
    return {
      arn: `arn:${partitionOf(region).partition}:ssm:${region}:${it.Owner}:document/${Name}`,
      name: it.Name,
      content: Content,
      documentType: it.DocumentType,
      documentFormat: it.DocumentFormat,
      documentVersion: it.DocumentVersion,
      defaultVersion: it.DefaultVersion,
      latestVersion: it.LatestVersion,
      schemaVersion: it.SchemaVersion,
      description: it.Description,
      createdDate: it.CreatedDate?.toISOString().replace(/\.\d{3}Z$/, "Z"),
      hash: it.Hash,
      hashType: it.HashType,
      owner: it.Owner,
      parameters: (it.Parameters ?? []).map(({ Name: name, Type, Description, DefaultValue }) => ({
        name,
        type: Type,
        description: Description,
        defaultValue: DefaultValue,
      })),
      platformTypes: it.PlatformTypes,
      status: it.Status,
      targetType: it.TargetType,
      versionName: it.VersionName,
      tagsAll: tagMap(it.Tags),
    };
  },

  update: async ({ ssm }, Name, before, inputs, changed) => {
    // A document of schema 1.x can be given another content, and nothing else.
    const unchangeable = /^1\.\d$/.test(String(before.schemaVersion)) && !changed.includes("content");
    if (unchangeable || changed.every((name) => name === "tags")) {
      return;
    }
    const input = { Name, DocumentVersion: before.defaultVersion as string, ...versionOf(inputs) };
    const version = await ssm.send(new UpdateDocumentCommand(input)).then(
      ({ DocumentDescription }) => DocumentDescription?.DocumentVersion,
      (error: Error) => {
        if (codeOf(error) !== "DuplicateDocumentContent") {
          throw error;
        }
        return before.latestVersion as string;
      },
    );
    await ssm.send(new UpdateDocumentDefaultVersionCommand({ Name, DocumentVersion: version }));
  },

  delete: ({ ssm }, Name) => unlessMissing(ssm.send(new DeleteDocumentCommand({ Name })), GONE),
});

/** A parameter that AWS itself offers to everyone and that the emulator does not have. */
function publicParameter(Name: string, region: string): Parameter | undefined {
  const Value = PUBLIC_PARAMETERS[Name];
  return Value === undefined
    ? undefined
    : {
        Name,
        Value,
        Type: "String",
        Version: 1,
        ARN: `arn:${partitionOf(region).partition}:ssm:${region}::parameter${Name}`,
      };
}

/** `aws_ssm_parameter`, internal/service/ssm/parameter_data_source.go. */
export async function getParameter({ ssm, region }: AwsClients, args: Values): Promise<Values> {
  const { name, withDecryption = true } = args as { name: string; withDecryption?: boolean };
  const call = ssm.send(new GetParameterCommand({ Name: name, WithDecryption: withDecryption }));
  const found = await unlessMissing(call, "ParameterNotFound");
  const it = found?.Parameter ?? publicParameter(name, region);
  if (!it) {
    throw new Error(`reading SSM Parameter (${name}): couldn't find resource`);
  }
  return {
    id: it.Name,
    arn: it.ARN,
    name: it.Name,
    region,
    type: it.Type,
    value: it.Value,
    insecureValue: it.Type === "SecureString" ? "" : it.Value,
    version: it.Version,
    withDecryption,
  };
}
