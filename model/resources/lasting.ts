/** What cannot be had back once an update has deleted or replaced it: what it is, and what is lost with it. */
export interface Lasting {
  what: string;
  lost: string;
}

export const DATABASE: Lasting = {
  what: "the database",
  lost: "all data in it go, and come back only from a snapshot or a backup",
};
export const KEY: Lasting = {
  what: "a key",
  lost: "what it has encrypted can be read by nobody any more: storage, snapshots, backups, secrets or logs",
};
export const BUCKET: Lasting = {
  what: "a bucket",
  lost: "backups and logs in it go, or S3 refuses half-way because there are some",
};

/** Which role that is, nothing in itself says. */
export const OWNER: Lasting = {
  what: "the role that owns the tables",
  lost: "the tables go over to the master, and whoever migrates can no longer change them",
};
