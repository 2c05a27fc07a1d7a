import { OpsError } from "../shared/errors";

/** What AWS answers when something is not there. */
export async function unlessMissing<Result>(names: string[], call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if (names.includes((error as Error).name)) {
      return undefined;
    }
    throw error;
  }
}

const EXPIRED = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];
const UNKNOWN = [
  ...["InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"],
  "InvalidSignatureException",
];
const DENIED = ["AccessDenied", "AccessDeniedException", "Forbidden", "UnauthorizedOperation"];

/** What a person can do about it, in place of AWS's own words alone. */
function cure({ name, message }: Error): string | undefined {
  if (name === "CredentialsProviderError") {
    return (
      "No AWS credentials were found: log in as an administrator of the account (`aws sso login`, or AWS_PROFILE), and run it " +
      "again"
    );
  }
  if (EXPIRED.includes(name)) {
    return "The AWS credentials have expired: log in again (`aws sso login`), and run it again";
  }
  if (UNKNOWN.includes(name)) {
    return "AWS does not know these credentials: log in again, or set AWS_PROFILE to a profile that is right, and run it again";
  }
  if (DENIED.includes(name)) {
    return (
      `A right is missing: ${message}\n` +
      "Run it as an administrator of the account, or ask one for the rights in docs/bootstrap.md; what was made stays, and the " +
      "next run goes on from there"
    );
  }
  return undefined;
}

/** Tells what AWS refuses with its cure; everything that nobody foresaw stays as it is. */
export async function withCures<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const told = cure(error as Error);
    throw told === undefined ? error : new OpsError(told);
  }
}
