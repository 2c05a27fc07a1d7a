import { DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";

/**
 * Deletes everything in a bucket of the emulator, older versions too. `pulumi destroy` refuses a bucket that has backups in it,
 * which is right for AWS, and would be in the way where the whole platform is to go.
 */
export async function emptyBucket(Bucket: string): Promise<void> {
  const s3 = new S3Client({ forcePathStyle: true });
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) {
      return;
    }
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects }, BypassGovernanceRetention: true }),
    );
    if (Errors.length > 0) {
      return; // what is locked for good: `pulumi destroy` says so
    }
  }
}
