import { InstanceRecord } from "./instances";

/** Text as XML has it. */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** An error in the form of AWS's query protocol. */
export function errorXml(code: string, message: string): string {
  return (
    '<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type>' +
    `<Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>local</RequestId></ErrorResponse>`
  );
}

function masterUserSecret({ secret }: InstanceRecord): string {
  return secret
    ? `<MasterUserSecret><SecretArn>${secret.arn}</SecretArn><SecretStatus>active</SecretStatus>` +
        `<KmsKeyId>${secret.kmsKeyId}</KmsKeyId></MasterUserSecret>`
    : "";
}

function logExports({ logExports: exports = [] }: InstanceRecord): string {
  const members = exports.map((name) => `<member>${name}</member>`).join("");
  return `<EnabledCloudwatchLogsExports>${members}</EnabledCloudwatchLogsExports>`;
}

/** Adds to every instance in an answer what the emulator does not know of it. */
export function addToInstances(xml: string, instances: Map<string, InstanceRecord>): string {
  return xml.replace(/<DBInstance>[^]*?<\/DBInstance>/g, (block) => {
    const identifier = /<DBInstanceIdentifier>([^<]*)</.exec(block)?.[1] ?? "";
    const record = instances.get(identifier);
    return record
      ? block
          .replace(/<EnabledCloudwatchLogsExports\s*\/>/, "")
          .replace("</DBInstance>", `${masterUserSecret(record)}${logExports(record)}</DBInstance>`)
          // The emulator waits for a reboot of its own; here the server follows its group at once.
          .replace(/<ParameterApplyStatus>[^<]*</g, "<ParameterApplyStatus>in-sync<")
      : block;
  });
}
