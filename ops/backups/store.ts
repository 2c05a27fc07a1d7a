import { createHash } from "node:crypto";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { buffer } from "node:stream/consumers";
import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import { BackupsConfig } from "../../model/outputs/backups";
import { decryptor, encryptor } from "./envelope";
import { Manifest, manifestSchema } from "./manifest";
import { BackupName, encryptionContext, folderOf, keyOf, nameOfManifest, Part, timeOf } from "./naming";

/** S3's limits: parts of one upload, and bytes of a part but the last. */
const MAX_PARTS = 10_000;
const PART_SIZE = 16 * 1024 * 1024;
/** Parts in flight: with their size, what an upload needs of memory. */
const QUEUE_SIZE = 3;

/** What lies in the bucket of an object: encrypted. */
export interface Stored {
  size: number;
  sha256: string;
}

/** Measures what flows through. */
function meter(onBytes?: (bytes: number) => void) {
  const hash = createHash("sha256");
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      size += chunk.length;
      onBytes?.(size);
      done(null, chunk);
    },
  });
  return { stream, stored: (): Stored => ({ size, sha256: hash.digest("hex") }) };
}

/** The bucket's backups, written and read through envelope encryption. */
export class BackupStore {
  private readonly s3: S3Client;

  constructor(
    private readonly config: BackupsConfig,
    private readonly credentials?: AwsCredentialIdentityProvider,
  ) {
    this.s3 = new S3Client({
      // A bucket lies where its key does: copies in another region than everything else.
      region: config.keyArn.split(":")[3],
      ...(credentials && { credentials }),
      // A bucket's own host name leads nowhere where the endpoint is somebody else's.
      forcePathStyle: Boolean(process.env.AWS_ENDPOINT_URL ?? process.env.AWS_ENDPOINT_URL_S3),
    });
  }

  private object(name: BackupName, part: Part) {
    const { bucket: Bucket, keyArn } = this.config;
    // Named in full: the bucket refuses what does not say by which key.
    const encryption = { ServerSideEncryption: "aws:kms", SSEKMSKeyId: keyArn, BucketKeyEnabled: true } as const;
    return { Bucket, Key: keyOf(name, part), ...encryption };
  }

  private context(name: BackupName, part: Part) {
    return encryptionContext(this.config.stack, name, part);
  }

  /**
   * Uploads what `source` gives, encrypted. The object is there when all of it is: when anything fails before, the upload is
   * aborted, and S3 shows nothing of it. `expectedBytes` sets the size of the parts where 10,000 of 16 MiB would not do.
   */
  async putDump(
    name: BackupName,
    source: Readable,
    {
      expectedBytes,
      signal,
      onBytes,
    }: { expectedBytes: number; signal: AbortSignal; onBytes: (bytes: number) => void },
  ): Promise<Stored> {
    const { stream, stored } = meter(onBytes);
    const upload = new Upload({
      client: this.s3,
      params: { ...this.object(name, "dump"), Body: stream },
      partSize: Math.max(PART_SIZE, Math.ceil((expectedBytes * 1.1) / MAX_PARTS)),
      queueSize: QUEUE_SIZE,
    });
    const sealed = encryptor(this.config, this.context(name, "dump"), this.credentials);
    // Not by `pipeline`: destroyed before its end, the encryption SDK's stream throws where nobody can catch it. What fails
    // ends the upload instead, and this stream is left to itself.
    const fail = (error: Error) => stream.destroy(error);
    source.on("error", fail).pipe(sealed).on("error", fail).pipe(stream);
    const interrupt = () => fail(signal.reason as Error);
    signal.addEventListener("abort", interrupt, { once: true });
    try {
      await upload.done();
    } finally {
      signal.removeEventListener("abort", interrupt);
      source.destroy();
    }
    return stored();
  }

  /** Makes a backup of what was uploaded. */
  async putManifest(name: BackupName, manifest: Manifest): Promise<void> {
    const sealed = encryptor(this.config, this.context(name, "manifest"), this.credentials);
    const [Body] = await Promise.all([buffer(sealed), pipeline(Readable.from([JSON.stringify(manifest)]), sealed)]);
    await this.s3.send(new PutObjectCommand({ ...this.object(name, "manifest"), Body }));
  }

  /** Every backup of a database, the newest first. */
  async list(database: string): Promise<BackupName[]> {
    const names: BackupName[] = [];
    const input = { Bucket: this.config.bucket, Prefix: folderOf(database) };
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.s3 }, input)) {
      names.push(...Contents.map(({ Key = "" }) => nameOfManifest(Key)).filter((name) => name !== undefined));
    }
    return names.sort((a, b) => timeOf(b).getTime() - timeOf(a).getTime());
  }

  async getManifest(name: BackupName): Promise<Manifest> {
    const { stream } = await this.get(name, "manifest");
    return manifestSchema.parse(JSON.parse((await buffer(stream)).toString("utf8")));
  }

  /** The dump in clear, as a stream; and what was read of the bucket, once it has ended. */
  getDump(name: BackupName, onBytes?: (bytes: number) => void): Promise<{ stream: Readable; stored: () => Stored }> {
    return this.get(name, "dump", onBytes);
  }

  private async get(name: BackupName, part: Part, onBytes?: (bytes: number) => void) {
    const { Bucket, Key } = this.object(name, part);
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key }));
    const { stream: metered, stored } = meter(onBytes);
    const opened = decryptor(this.config, this.context(name, part), this.credentials);
    // Its failure is the reader's to see: the last stream gets it.
    pipeline(Body as Readable, metered, opened).catch((error: Error) => opened.destroy(error));
    return { stream: opened as Readable, stored };
  }
}
