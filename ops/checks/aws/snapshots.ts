import {
  DBSnapshot,
  DescribeDBSnapshotAttributesCommand,
  paginateDescribeDBSnapshots,
  RDSClient,
} from "@aws-sdk/client-rds";
import { Problem } from "../finding";
import { AwsConfig } from "../../../model/outputs/check-aws";

export const SNAPSHOTS = {
  check: "snapshots",
  title: "No snapshot of the database is public, shared with another account, or in clear",
  controls: ["FSBP RDS.1", "FSBP RDS.4", "guide: Backup Security"],
};

/** `accounts`: those that may restore it; `all` is everybody (RDS: "ModifyDBSnapshotAttribute"). */
export function judgeSnapshot({ DBSnapshotIdentifier: id = "", Encrypted }: DBSnapshot, accounts: string[]): Problem[] {
  const take = (account: string) =>
    `aws rds modify-db-snapshot-attribute --db-snapshot-identifier ${id} --attribute-name restore --values-to-remove ${account}`;
  return [
    ...accounts.map((account) => ({
      subject: `snapshot ${id}: who may restore it`,
      found: account === "all" ? "everybody" : `the account ${account}`,
      expected: "this account alone",
      cure: take(account),
    })),
    ...(Encrypted
      ? []
      : [
          {
            subject: `snapshot ${id}: encryption`,
            found: "none",
            expected: "encrypted",
            cure: `aws rds copy-db-snapshot with a key, then aws rds delete-db-snapshot --db-snapshot-identifier ${id}`,
          },
        ]),
  ];
}

/** Those that people made: RDS's own cannot be shared, and are encrypted as their instance is. */
export async function lookAtSnapshots(
  rds: RDSClient,
  { instanceIdentifier: DBInstanceIdentifier }: AwsConfig,
): Promise<Problem[]> {
  const snapshots: DBSnapshot[] = [];
  const asked = { DBInstanceIdentifier, SnapshotType: "manual" };
  for await (const { DBSnapshots = [] } of paginateDescribeDBSnapshots({ client: rds }, asked)) {
    snapshots.push(...DBSnapshots);
  }
  const each = await Promise.all(
    snapshots.map(async (snapshot) => {
      const { DBSnapshotIdentifier } = snapshot;
      const { DBSnapshotAttributesResult } = await rds.send(
        new DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier }),
      );
      const restore = DBSnapshotAttributesResult?.DBSnapshotAttributes?.find(
        ({ AttributeName }) => AttributeName === "restore",
      );
      return judgeSnapshot(snapshot, restore?.AttributeValues ?? []);
    }),
  );
  return each.flat();
}
