import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { AwsCredentialIdentityProvider } from "@aws-sdk/types";
import type { CheckConfig } from "../../model/outputs/check";

/** The role for looking, taken on by whoever has not got it yet. */
export function credentialsFor({ checkerArn }: CheckConfig): AwsCredentialIdentityProvider | undefined {
  return checkerArn
    ? fromTemporaryCredentials({ params: { RoleArn: checkerArn, RoleSessionName: "check" } })
    : undefined;
}
