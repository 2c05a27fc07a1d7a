/**
 * What AWS SDKs, the AWS CLI and the providers read: the emulator and its well-known credentials, and nothing that the
 * user has set up for a real account.
 */
export function awsEnvironment(emulatorUrl: string, region: string): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL: emulatorUrl,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

/** Variables that would take precedence over those above. */
const OVERRULING =
  /^AWS_(PROFILE|SESSION_TOKEN|ENDPOINT_URL_.*|IGNORE_CONFIGURED_ENDPOINT_URLS|USE_(FIPS|DUALSTACK)_ENDPOINT)$/;

/** `environment` without what could lead out of this machine. */
export function withoutForeignAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !OVERRULING.test(name)));
}
